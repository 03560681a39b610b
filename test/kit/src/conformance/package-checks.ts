import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogIn, checkCatalog, loadExtension, sentencesIn } from '@posthorn/core';
import { plainText } from '@posthorn/sdk';
import { manifestOf } from '../host/extension-package.js';
import type { Check } from './check.js';
import type { Subject } from './subject.js';

const sorted = (r: unknown): string => JSON.stringify(Object.entries((r ?? {}) as object).sort());

export const manifestCheck: Check = {
  id: 'manifest',
  name: 'package.json and the definition say the same',
  mend: 'Give id, version, sdk, requires, optional and claims the same values in the posthorn block and in defineExtension.',
  async look({ found, definition, manifest }) {
    const { problem } = await loadExtension(found);
    const block = manifest['posthorn'] as { optional?: object };
    return [
      ...(problem === undefined ? [] : [problem]),
      ...(sorted(block.optional) === sorted(definition.optional)
        ? []
        : ['its code and its package disagree on what is optional']),
    ];
  },
};

export const packageCheck: Check = {
  id: 'package',
  name: 'package.json is fit to be published',
  mend: 'Complete package.json as docs/authors/publishing.md lists it.',
  async look(s) {
    const { manifest } = s;
    const wrong: string[] = [];
    for (const key of ['name', 'version', 'description', 'license'])
      if (typeof manifest[key] !== 'string' || manifest[key] === '') wrong.push(`${key} is missing`);
    if (manifest['type'] !== 'module') wrong.push('type is not module');
    if (!list(manifest['keywords']).includes('posthorn-extension'))
      wrong.push('keywords lacks posthorn-extension, by which extensions are found');
    if ((manifest['engines'] as { node?: string } | undefined)?.node === undefined)
      wrong.push('engines.node is missing');
    if ((manifest['exports'] as Record<string, unknown> | undefined)?.['./package.json'] === undefined)
      wrong.push('exports lacks ./package.json');
    return [...wrong, ...peerFaults(s), ...fileFaults(s)];
  },
};

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function* peerFaults({ manifest, definition, peers }: Subject): Generator<string> {
  const { peerDependencies = {}, dependencies = {} } = manifest;
  if (peerDependencies['@posthorn/sdk'] === undefined) yield 'peerDependencies lacks @posthorn/sdk';
  if (dependencies['@posthorn/sdk'] !== undefined)
    yield '@posthorn/sdk is a dependency: two copies of it do not meet; make it a peer only';
  for (const id of Object.keys({ ...definition.requires, ...definition.optional })) {
    const folder = peers.get(id);
    const name = folder === undefined ? undefined : manifestOf(folder).name;
    if (name === undefined || peerDependencies[name] === undefined)
      yield `peerDependencies lacks the package of the extension ${id}`;
  }
}

function* fileFaults({ manifest, definition, folder, found }: Subject): Generator<string> {
  const files = list(manifest['files']);
  if (files.length === 0) {
    yield 'files is missing, so everything in the folder would be published';
    return;
  }
  const used = [definition.views, definition.assets, definition.locales].filter((url) => url !== undefined);
  for (const path of [found.entry, ...used.map((url) => fileURLToPath(url))]) {
    const inside = relative(folder, path).replaceAll('\\', '/');
    if (inside.startsWith('..')) yield `${path} lies outside the package`;
    else if (!existsSync(path)) yield `${inside} does not exist`;
    else if (!files.some((file) => covers(file, inside))) yield `files does not publish ${inside}`;
  }
}

const covers = (file: string, path: string): boolean => {
  const plain = file.replace(/^\.\//, '').replace(/\/?(\*\*?)?(\/\*)?$/, '');
  return plain === '' || path === plain || path.startsWith(`${plain}/`);
};

export const textCheck: Check = {
  id: 'texts',
  name: 'every sentence is in the catalogues it ships',
  mend: 'Run `posthorn i18n extract ID --language TAG` and translate what it adds; say sentences as whole literals.',
  async look({ definition, folder }) {
    if (definition.locales === undefined) return { skipped: 'it ships no catalogue' };
    const sentences = await sentencesIn(definition.id, [folder]);
    const locales = fileURLToPath(definition.locales);
    const languages = readdirSync(locales).filter((name) => name.endsWith('.json'));
    const wrong = sentences.unseen.map((place) => `no catalogue can have this: ${place}`);
    for (const file of languages) {
      const read = await catalogIn(join(locales, file));
      if ('wrong' in read) wrong.push(`${file}: ${plainText(read.wrong)}`);
      else
        for (const { finding, sentence } of checkCatalog(file.slice(0, -'.json'.length), read.catalog, sentences))
          wrong.push(`${file}: ${finding}: ${sentence}`);
    }
    return wrong;
  },
};
