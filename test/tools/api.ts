// `npm run -s api`: writes the committed reports of the contract and the reference for authors anew. Build first.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contractOutputs, REFERENCE, root } from './contract/outputs.ts';

const { files } = await contractOutputs();
rmSync(join(root, REFERENCE), { recursive: true, force: true });
for (const [path, text] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
console.log(`${files.size} files are as the contract is.`);
