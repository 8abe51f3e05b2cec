// palette.mjs -- the light colours of the style sheet as lines "series-1 #2f6b3c", for what the server draws
// itself: a thing has one colour on the screen and on paper.

export function palette(tokens, controls) {
  const light = tokens.slice(tokens.indexOf(':root {'), tokens.indexOf(':root[data-theme="dark"]'));
  const colors = new Map([...light.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]));
  const lines = [...colors].map(([name, color]) => `${name} ${color}`);
  for (const [, selectors, token] of controls.matchAll(/([^{}]*)\{\s*--ch:\s*var\(--([\w-]+)\)/g)) {
    for (const [, word] of selectors.matchAll(/\.ch-((?!line-|fill-)[\w-]+)/g)) lines.push(`${word} ${colors.get(token)}`);
  }
  return `${lines.join('\n')}\n`;
}
