/** What is committed of the contract is what the packages export; every export says what it is and how long it stays. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultsIn } from '../tools/contract/model.js';
import { contractOutputs, type Outputs, REFERENCE } from '../tools/contract/outputs.js';
import { projectFiles, read, root } from './source-files.js';

let outputs: Outputs;
beforeAll(async () => {
  outputs = await contractOutputs();
});

describe('the contract', () => {
  it('is the one that is committed', () => {
    const stale = [...outputs.files].filter(([path, text]) => !existsSync(join(root, path)) || read(path) !== text);
    expect(
      stale.map(([path]) => path),
      'The contract has changed, or its build is old. `npm run -s api` makes these anew: look at what they show, and commit them.',
    ).toEqual([]);
  });

  it('has no page in its reference that nobody makes', () => {
    const pages = projectFiles().filter((file) => file.startsWith(`${REFERENCE}/`));
    expect(pages.filter((file) => !outputs.files.has(file))).toEqual([]);
  });

  it('says of each export what it is, how stable it is and since when it is there', () => {
    expect(outputs.sdk.length).toBeGreaterThan(200);
    expect(faultsIn(outputs.sdk)).toEqual([]);
  });
});

describe('the rule for comments', () => {
  const item = { kind: 'Function', name: 'f', excerptTokens: [], fileUrlPath: 'src/f.ts' };

  it.each([
    ['', 'what it is, one of @public, @beta and @internal, @since with a version'],
    ['/** @public @since 1.0.0 */', 'what it is'],
    ['/** Does it. @since 1.0.0 */', 'one of @public, @beta and @internal'],
    ['/** Does it. @public @beta @since 1.0.0 */', 'one of @public, @beta and @internal'],
    ['/** Does it. @beta */', '@since with a version'],
    ['/** Does it. @beta @since soon */', '@since with a version'],
  ])('refuses %j', (docComment, missing) => {
    expect(faultsIn([{ ...item, docComment }])).toEqual([`src/f.ts: f lacks ${missing}`]);
  });

  it('takes what is complete', () => {
    expect(
      faultsIn([{ ...item, docComment: '/**\n * Does it.\n *\n * @internal\n *\n * @since 1.2.3\n */\n' }]),
    ).toEqual([]);
  });
});
