import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExtensionDefinition } from '@posthorn/sdk';
import { describe, it } from 'vitest';
import { folderOf, type GivenExtension, manifestOf } from '../host/extension-package.js';
import type { ConformanceOptions } from './check.js';
import { checks, runCheck } from './checks.js';
import { type Subject, subjectIn } from './subject.js';

/** One check may start database servers and a browser. */
const LONGEST_MS = 120_000;

/**
 * A vitest suite with one test for each check. Takes the folder of a built package, or its definition where views,
 * locales or assets show the way to it.
 */
export function conformance(extension: GivenExtension, o: ConformanceOptions = {}): void {
  const folder = typeof extension === 'string' || extension instanceof URL ? folderOf(extension) : homeOf(extension);
  describe(`conformance of ${manifestOf(folder).name}`, () => {
    let subject: Promise<Subject> | undefined;
    for (const check of checks) {
      it(`${check.id}: ${check.name}`, { timeout: LONGEST_MS }, async (test) => {
        subject ??= subjectIn(folder);
        const { findings, warnings = [], skipped } = await runCheck(check, await subject, o);
        // What does not apply is no test that was left out.
        if (skipped !== undefined) await test.annotate(skipped);
        for (const warning of warnings) await test.annotate(`${warning}\n${check.mend}`, 'warning');
        if (findings.length > 0) throw new Error(`${findings.map((line) => `- ${line}`).join('\n')}\n${check.mend}`);
      });
    }
  });
}

function homeOf(d: ExtensionDefinition): string {
  const inside = d.views ?? d.locales ?? d.assets;
  if (inside !== undefined) {
    for (let at = fileURLToPath(inside); at !== dirname(at); at = dirname(at)) {
      const block = existsSync(join(at, 'package.json')) ? manifestOf(at)['posthorn'] : undefined;
      if ((block as { id?: unknown } | undefined)?.id === d.id) return at;
    }
  }
  throw new Error(`nothing shows where the package of ${d.id} lies: give conformance its folder`);
}
