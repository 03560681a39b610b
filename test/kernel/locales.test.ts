import { join } from 'node:path';
import { catalogIn, checkCatalog, hostCatalog, sentencesIn } from '@posthorn/core';
import { describe, expect, it } from 'vitest';

describe("the kernel's French catalogue", async () => {
  const owner = hostCatalog();
  const sentences = await sentencesIn(owner.id, owner.sources);
  const read = await catalogIn(join(owner.locales, 'fr.json'));
  const catalog = 'catalog' in read ? read.catalog : {};
  const findings = checkCatalog('fr', catalog, sentences);
  const of = (kind: string) => findings.filter(({ finding }) => finding === kind);

  it('can see every sentence', () => {
    expect(sentences.unseen).toEqual([]);
    expect(sentences.said.size).toBeGreaterThan(400);
  });

  it('has every sentence of the kernel', () => {
    expect(of('missing')).toEqual([]);
  });

  it('has every form that French has for numbers', () => {
    expect(of('plural')).toEqual([]);
    expect([...sentences.said.values()].filter(({ one }) => one !== undefined).length).toBeGreaterThan(5);
  });

  it('has nothing that the kernel does not say', () => {
    expect(of('unused')).toEqual([]);
    // Nothing is said through a variable either: every sentence stands in its call.
    const said = Object.keys(catalog).filter((key) => !sentences.said.has(key.replace(/_(?:one|many|other)$/, '')));
    expect(said).toEqual([]);
  });

  it('keeps the arguments of every sentence', () => {
    expect(of('placeholders')).toEqual([]);
    expect(of('catalogue')).toEqual([]);
  });

  it('is sorted, so that two additions do not meet in one place', () => {
    expect(Object.keys(catalog)).toEqual(Object.keys(catalog).toSorted());
  });
});
