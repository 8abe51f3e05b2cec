// run.mjs -- runs the specs in order and counts. See README.md.
import { existsSync } from 'node:fs';
import { runSpec } from './lib/harness.mjs';
import { binary } from './lib/furrow.mjs';

const order = ['story', 'form', 'embed', 'live', 'nojs', 'keys', 'work', 'tasks', 'tracker', 'trackers', 'arrival', 'umami', 'traffic', 'dashboard', 'mail', 'broadcast', 'post', 'flow', 'booking', 'quote', 'customer', 'leads', 'desk', 'duplicates', 'forecast', 'money', 'access', 'looks'];
const wanted = process.argv.slice(2);

if (!existsSync(binary)) {
  console.error(`There is no program at ${binary}. Build it first (make), or set FURROW_BIN.`);
  process.exit(2);
}
const total = { passed: 0, failed: 0 };
for (const name of order) {
  if (wanted.length && !wanted.some((word) => name.includes(word))) continue;
  const { default: spec } = await import(`./${name}.spec.mjs`);
  if (spec.skip) {
    console.log(`\n${name}\n  left out: ${spec.skip}`);
    continue;
  }
  const { passed, failed } = await runSpec(spec);
  total.passed += passed;
  total.failed += failed;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);
