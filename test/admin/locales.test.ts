import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogIn, checkCatalog, sentencesIn, translator } from '@posthorn/core';
import { isProblem } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseDomainName } from '../../extensions/admin/addresses.js';

const extension = fileURLToPath(new URL('../../extensions/admin/', import.meta.url));

describe('the French catalogue', async () => {
  const sentences = await sentencesIn('admin', [join(extension, 'dist'), join(extension, 'views')]);
  const read = await catalogIn(join(extension, 'locales/fr.json'));
  const catalog = 'catalog' in read ? read.catalog : {};

  it('has every sentence that admin says, in every form, with its arguments, and no other', () => {
    expect(sentences.unseen).toEqual([]);
    expect(sentences.said.size).toBeGreaterThan(400);
    expect(checkCatalog('fr', catalog, sentences)).toEqual([]);
    expect(Object.keys(catalog).filter((key) => !sentences.said.has(key.replace(/_(?:one|many|other)$/, '')))).toEqual(
      [],
    );
  });

  it('says everything that can be wrong with a name or an address', async () => {
    const say = await translator('fr', [
      { extension: 'admin', locales: new URL('../../extensions/admin/locales/', import.meta.url) },
    ]);
    const refusal = (read: () => unknown): string => {
      try {
        read();
      } catch (error) {
        if (isProblem(error)) return say(error.text);
      }
      throw new Error('this was not refused');
    };
    const names = ['', 'a'.repeat(1_001), 'a\u200b.b', 'a..de', 'a_b.de', 'xn--0.de', 'ab--c.de', 'localpart'];
    for (const name of names) {
      const said = refusal(() => parseDomainName(name));
      expect(said).toMatch(/^« .* » n’est pas un nom de domaine : (?!.*\b(it|its|is|the|a part|dashes)\b).+\.$/su);
    }
    const addresses = ['', 'a'.repeat(1_001), 'a\u200b@b.de', 'a', '@b.de', `${'a'.repeat(65)}@b.de`, 'a..b@b.de'];
    for (const address of [...addresses, '-a@b.de', 'a%b@b.de', ...names.slice(3).map((name) => `a@${name}`)]) {
      const said = refusal(() => parseAddress(address));
      expect(said).toMatch(
        /^« .* » n’est pas une adresse de courriel : (?!.*\b(it|its|is|the|a part|dashes)\b).+\.$/su,
      );
    }
    expect(refusal(() => parseAddress('a@b_c.de'))).toBe(
      '« a@b_c.de » n’est pas une adresse de courriel : la partie après le @ n’est pas un nom de domaine : ses parties sont faites de lettres, de chiffres et, à l’intérieur, de tirets.',
    );
  });
});
