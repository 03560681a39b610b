/** Reads the contract of a package from its built `.d.ts` files, through API Extractor with a compiler of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, type ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor';
import type { ApiItem } from './model.ts';

/** A package whose contract is recorded. */
export interface ContractPackage {
  /** Absolute path of the package. */
  readonly folder: string;
  /** The built module, from the package's folder. */
  readonly entry: string;
  /** Whether every export says how stable it is. */
  readonly isTagged: boolean;
}

export interface Contract {
  /** What is committed as `<name>.api.md`. */
  readonly report: string;
  /** The exports, by name. */
  readonly items: readonly ApiItem[];
}

// By value, because the module's enumerations do not exist where types are only taken away.
const say = (level: 'none' | 'warning', addToApiReportFile = false) => ({
  logLevel: level as ExtractorLogLevel,
  addToApiReportFile,
});

/** Takes seconds; the package must be built. Throws with every complaint about the declarations or their comments. */
export function extractContract({ folder, entry, isTagged }: ContractPackage): Contract {
  const out = mkdtempSync(join(tmpdir(), 'contract-'));
  try {
    const configObject: IConfigFile = {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, entry),
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: 'contract.api.md',
        reportFolder: out,
        reportTempFolder: join(out, 'temp'),
      },
      docModel: { enabled: true, apiJsonFilePath: join(out, 'contract.api.json') },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: say('warning') },
        extractorMessageReporting: {
          default: say('warning'),
          // What is not exported stands in the report all the same; a line number there would change it every day.
          'ae-forgotten-export': say('none'),
          'ae-internal-missing-underscore': say('none'),
          // A test says it with the name.
          'ae-missing-release-tag': say('none'),
          'ae-undocumented': say('none'),
        },
        tsdocMessageReporting: { default: say(isTagged ? 'warning' : 'none') },
      },
    };
    const complaints: string[] = [];
    Extractor.invoke(
      ExtractorConfig.prepare({
        configObject,
        configObjectFullPath: undefined,
        packageJsonFullPath: join(folder, 'package.json'),
      }),
      {
        localBuild: true,
        messageCallback: (message) => {
          // The console's own messages say only that a report was written.
          if (message.category !== 'console' && message.logLevel === 'warning') {
            complaints.push(message.formatMessageWithLocation(folder));
          }
          message.handled = true;
        },
      },
    );
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    const model = JSON.parse(readFileSync(join(out, 'contract.api.json'), 'utf8')) as {
      readonly members: readonly [{ readonly members: readonly ApiItem[] }];
    };
    return { report: readFileSync(join(out, 'contract.api.md'), 'utf8'), items: model.members[0].members };
  } finally {
    rmSync(out, { recursive: true });
  }
}
