// mail_text.js -- markup of an editable text or of the clipboard, down to what a text block may hold. The server does the
// same again and is the one that counts; here it keeps Word's and other pages' dress out of the editor.
const KEEP = { STRONG: 'strong', B: 'strong', EM: 'em', I: 'em', U: 'u', S: 's', A: 'a', BR: 'br', UL: 'ul', OL: 'ol', LI: 'li', P: 'p', H1: 'h1', H2: 'h2', H3: 'h3' };
const AS = { DIV: 'p', H4: 'h3', H5: 'h3', H6: 'h3', SECTION: 'p', ARTICLE: 'p', PRE: 'p', TD: 'p' };
const GONE = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'SVG', 'MATH', 'TITLE', 'HEAD', 'META', 'LINK', 'IFRAME', 'OBJECT', 'NOSCRIPT', 'TEXTAREA']);
const BLOCK = new Set(['p', 'h1', 'h2', 'h3', 'ul', 'ol', 'li']);

function copy(node, out) {
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      out.append(child.data.replace(/[\s\u00a0]+/g, ' '));
      continue;
    }
    if (child.nodeType !== Node.ELEMENT_NODE || GONE.has(child.tagName.toUpperCase())) continue;
    const name = KEEP[child.tagName] ?? AS[child.tagName];
    if (!name || (AS[child.tagName] && child.querySelector('p, ul, ol, h1, h2, h3, div'))) {
      copy(child, out);
      continue;
    }
    const made = document.createElement(name);
    const href = child.getAttribute('href')?.trim() ?? '';
    if (name === 'a' && /^(https?:|mailto:|tel:|\{\{)/i.test(href)) made.setAttribute('href', href);
    copy(child, made);
    if (name === 'br' || made.textContent.trim() || made.querySelector('br') || BLOCK.has(name)) out.append(made);
  }
}

/* As a string for innerHTML: elements of ours and texts, no attributes but href. */
export function clean(html) {
  const from = document.createElement('template'); /* inert: nothing in it runs or loads */
  from.innerHTML = html;
  const out = document.createElement('div');
  copy(from.content, out);
  for (const p of out.querySelectorAll('p, h1, h2, h3')) if (p.closest('li')) p.replaceWith(...p.childNodes);
  return out.innerHTML;
}

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c]));

/* What was pasted: its markup cleaned, or its lines. */
export function pasted(clipboard) {
  const html = clipboard.getData('text/html');
  if (html) return clean(html);
  const text = clipboard.getData('text/plain');
  return text.includes('\n') ? text.split(/\n{2,}/).map((part) => `<p>${escape(part).replace(/\n/g, '<br>')}</p>`).join('') : escape(text);
}
