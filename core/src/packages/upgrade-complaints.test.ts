import { SDK_VERSION } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import type { ExtensionPackage } from '../assembly/discover.js';
import { newClaims, type Upgrade, upgradeComplaints } from './upgrade-complaints.js';

const pack = (id: string, version: string, more: Partial<ExtensionPackage> = {}): ExtensionPackage => ({
  ...{
    id,
    package: `posthorn-${id}`,
    version,
    sdk: '^1.0.0',
    requires: {},
    claims: {},
    directory: '/',
    entry: '/x.js',
  },
  ...more,
});
const wish = (id: string, desired: 'enabled' | 'disabled' = 'enabled') => ({
  ...{ id, package: `posthorn-${id}`, version: '1.0.0', desired, isFirst: false },
});
const old = pack('tape', '1.2.0', { claims: { commands: ['tape'] } });
const complaints = (fresh: ExtensionPackage, more: Partial<Upgrade> = {}) =>
  upgradeComplaints({
    ...{ id: 'tape', old, fresh, packages: [old], desired: [wish('tape')], isDowngrade: false, isAdded: () => true },
    ...more,
  });

describe('what speaks against another version', () => {
  it('is nothing where it fits', () => {
    const user = pack('user', '1.0.0', { requires: { tape: '^1.0.0' } });
    const packages = [old, user];
    expect(complaints(pack('tape', '1.3.0'), { packages, desired: [wish('tape'), wish('user')] })).toEqual([]);
  });

  it('is told all at once', () => {
    const user = pack('user', '1.0.0', { requires: { tape: '^1.0.0' }, claims: { tables: ['reels'] } });
    const peer = pack('peer', '1.0.0');
    const fresh = pack('tape', '0.9.0', {
      sdk: '^9.0.0',
      requires: { nowhere: '^1.0.0', peer: '^2.0.0' },
      claims: { tables: ['reels'] },
    });
    const desired = [wish('tape'), wish('user'), wish('peer')];
    expect(complaints(fresh, { packages: [old, user, peer], desired })).toEqual([
      `built for sdk ^9.0.0, this host has ${SDK_VERSION}`,
      'version 1.2.0 is installed, and that one is lower',
      'requires nowhere ^1.0.0, which is not enabled',
      'requires peer ^2.0.0, found 1.0.0',
      'user requires tape ^1.0.0',
      'claims reels (tables), which user has claimed',
    ]);
  });

  it('is that it is something else', () => {
    expect(complaints(pack('other', '2.0.0'))).toEqual(['the package posthorn-other is the extension other']);
    const elsewhere = { package: 'posthorn-copy' };
    expect(complaints(pack('tape', '2.0.0', elsewhere))).toEqual([
      'it comes from another package, posthorn-copy instead of posthorn-tape',
    ]);
    expect(complaints(pack('tape', '2.0.0', { problem: 'its entry lies outside the package' }))).toEqual([
      'its entry lies outside the package',
    ]);
    expect(complaints(pack('tape', '1.2.0'))).toEqual(['that version is installed']);
  });

  it('is not a lower version that was asked for, nor a contract that was overlooked', () => {
    expect(complaints(pack('tape', '1.0.0'), { isDowngrade: true })).toEqual([]);
    const desired = [{ ...wish('tape'), override: { by: 'anna', at: '2026-01-01 00:00:00' } }];
    expect(complaints(pack('tape', '2.0.0', { sdk: '^9.0.0' }), { desired })).toEqual([]);
  });

  it('does not count others while it is disabled, nor others that are', () => {
    const user = pack('user', '1.0.0', { requires: { tape: '^1.0.0' } });
    const packages = [old, user];
    expect(complaints(pack('tape', '2.0.0'), { packages, desired: [wish('tape', 'disabled'), wish('user')] })).toEqual(
      [],
    );
    expect(complaints(pack('tape', '2.0.0'), { packages, desired: [wish('tape'), wish('user', 'disabled')] })).toEqual(
      [],
    );
  });

  it('is that somebody would go on with the version before', () => {
    const user = pack('user', '1.0.0', { requires: { tape: '^1.0.0' } });
    const o = { packages: [old, user], desired: [wish('tape'), wish('user')], isAdded: () => false };
    expect(complaints(pack('tape', '1.3.0'), o)).toEqual([
      'user requires it and was installed with npm, as it was; upgrade both with npm',
    ]);
  });

  it('names what is claimed anew', () => {
    const fresh = pack('tape', '1.3.0', { claims: { commands: ['tape', 'reel'], tables: ['x'] } });
    expect(newClaims(old, fresh)).toEqual(['tables x', 'commands reel']);
  });
});
