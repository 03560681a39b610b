import { gt } from 'semver';
import { type DesiredRow, readDesired, writeDesired } from '../assembly/desired.js';
import type { ExtensionPackage } from '../assembly/discover.js';
import type { HeldLock } from '../cluster/locks.js';
import { nudgeSupervisors } from '../cluster/supervisor-file.js';
import { WAIT_MS, waitForAssembly } from '../cluster/wait-for-assembly.js';
import { sqlTimestamp } from '../data/sql-timestamp.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import type { CandidatePlan } from './candidate-messages.js';
import { CandidateProcess, StepsFailed } from './candidate-process.js';
import type { FetchedPackage } from './fetch-package.js';
import { trialImport } from './trial-import.js';
import { newClaims, upgradeComplaints } from './upgrade-complaints.js';
import { linkedFolder, linkVersion } from './version-folders.js';

/** What is different with another version. */
export interface UpgradePlan {
  readonly id: string;
  readonly package: string;
  readonly from: string;
  readonly to: string;
  /** Names outside its prefix that the version before did not claim, as `commands notes`. */
  readonly claims: readonly string[];
  readonly permissions: readonly string[];
  /** Schema steps that run, or ran. */
  readonly steps: readonly string[];
}

export interface UpgradeOptions {
  /** Takes a lower version, where its schema steps are those that ran. */
  readonly isDowngrade?: boolean;
  /** Only says what would be different. */
  readonly isDryRun?: boolean;
}

export interface Wanted {
  readonly id: string;
  /** Username. */
  readonly by: string;
  readonly old: ExtensionPackage;
  readonly fetched: FetchedPackage;
  readonly packages: readonly ExtensionPackage[];
  /** Names of the packages that were added. */
  readonly added: ReadonlySet<string>;
  readonly o: UpgradeOptions;
}

/** One upgrade. What it did is taken back in reverse order, unless all of it succeeds. */
export class UpgradeRun {
  readonly #undo: (() => Promise<unknown>)[] = [];
  readonly #fresh: ExtensionPackage;

  constructor(
    private readonly kernel: Kernel,
    private readonly lock: HeldLock,
    private readonly w: Wanted,
  ) {
    this.#fresh = w.fetched.found;
    this.#undo.push(() => w.fetched.discard());
  }

  async go(): Promise<UpgradePlan> {
    let isKept = false;
    using candidate = new CandidateProcess();
    try {
      const plan = await this.#try(candidate);
      isKept = this.w.o.isDryRun !== true;
      return plan;
    } finally {
      if (!isKept) await this.#takeBack();
    }
  }

  async #takeBack(): Promise<void> {
    for (const step of this.#undo.reverse()) {
      await step().catch((error: unknown) =>
        this.kernel.log.error({ err: error, extension: this.w.id }, 'a step of an upgrade could not be taken back'),
      );
    }
  }

  #refuse(reasons: readonly string[]): void {
    if (reasons.length === 0) return;
    const { id } = this.w;
    throw problem('E_PACKAGE_UPGRADE', { id, version: this.#fresh.version, reasons: reasons.join('; ') });
  }

  async #try(candidate: CandidateProcess): Promise<UpgradePlan> {
    const { id, old, packages, added, o } = this.w;
    const fresh = this.#fresh;
    const desired = await readDesired(this.#execute);
    const isDowngrade = o.isDowngrade === true;
    const isAdded = (found: ExtensionPackage): boolean => added.has(found.package);
    this.#refuse(upgradeComplaints({ id, old, fresh, packages, desired, isDowngrade, isAdded }));
    this.#refuse((await trialImport([fresh.entry])).filter((reason) => reason !== undefined));

    const wish = desired.find((row) => row.id === id);
    const isWanted = wish?.desired === 'enabled';
    const planned = await candidate
      .plan({
        config: this.kernel.config,
        upgraded: fresh,
        packages: packages.map((each) => (each.id === id ? fresh : each)),
        // One that is not enabled is tried as well: its schema steps count.
        desired: isWanted ? desired : [...desired.filter((row) => row.id !== id), trialWish(fresh)],
      })
      .catch((error: unknown) => this.#fail(error));
    this.#refuse(this.#objections(planned, isWanted));
    const definition = this.kernel.generation.order.find((d) => d.id === id);
    const known = { ...definition?.permissions, ...definition?.claimedPermissions };
    const permissions = Object.keys(planned.permissions).filter((name) => !Object.hasOwn(known, name));
    const plan: UpgradePlan = {
      ...{ id, package: fresh.package, from: old.version, to: fresh.version },
      claims: newClaims(old, fresh),
      permissions: isWanted ? permissions : [],
      steps: isWanted ? planned.pending : [],
    };
    if (o.isDryRun === true) return plan;
    if (isWanted) await this.#runSteps(candidate);
    // Without its definition nobody knows which permissions the version before had, and which grants were taken away.
    const seeded = isWanted && definition !== undefined ? permissions : [];
    await this.#switch(wish, Object.fromEntries(seeded.map((name) => [name, planned.permissions[name] ?? NOBODY])));
    return plan;
  }

  /** What a whole arrangement with the new version shows. */
  #objections({ reasons, unknown, pending }: CandidatePlan, isWanted: boolean): readonly string[] {
    const { id, old } = this.w;
    const isDowngrade = !gt(this.#fresh.version, old.version);
    const worked = new Set(this.kernel.states.filter(({ state }) => state === 'enabled').map((s) => s.id));
    return [
      // One that is not enabled may lack what it requires; but its schema cannot be compared then.
      ...((isWanted || isDowngrade) && reasons[id] !== undefined ? [reasons[id]] : []),
      ...Object.entries(reasons).flatMap(([other, reason]) =>
        other !== id && worked.has(other) ? [`${other} would have to go: ${reason}`] : [],
      ),
      ...(unknown.length > 0 ? [`it lacks schema steps that ran: ${unknown.join(', ')}`] : []),
      ...(isDowngrade && pending.length > 0 ? [`its schema steps did not run: ${pending.join(', ')}`] : []),
    ];
  }

  get #execute() {
    return this.kernel.database.execute.bind(this.kernel.database);
  }

  #fail(error: unknown): never {
    const { id } = this.w;
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('E_PACKAGE_UPGRADE_UNDONE', { id, version: this.#fresh.version, reason }, { cause: error });
  }

  #link(folder: string | undefined): Promise<void> {
    return linkVersion(this.kernel.config.directory, this.#fresh.package, folder);
  }

  async #runSteps(candidate: CandidateProcess): Promise<void> {
    let ran: readonly string[] = [];
    this.#undo.push(() => candidate.down(ran));
    try {
      ran = await candidate.up();
    } catch (error) {
      if (error instanceof StepsFailed) ran = error.steps;
      this.#fail(error);
    }
  }

  /** Makes the new version the one that counts, and where it is enabled has the workers replaced. */
  async #switch(wish: DesiredRow | undefined, seeded: CandidatePlan['permissions']): Promise<void> {
    const before = await linkedFolder(this.kernel.config.directory, this.#fresh.package);
    const { old, fetched } = this.w;
    const isWanted = wish?.desired === 'enabled';
    this.#undo.push(async () => {
      await this.#link(before);
      if (wish === undefined) return;
      const assembly = await this.#write(old.version, wish, () => this.#takeGrants(Object.keys(seeded)));
      if (isWanted) await this.#follow(assembly);
    });
    await this.#link(fetched.folder);
    if (wish === undefined) return;
    const assembly = await this.#write(this.#fresh.version, wish, () => this.kernel.grants.seed(this.w.id, seeded));
    const reason = isWanted ? await this.#follow(assembly) : undefined;
    if (reason !== undefined) this.#fail(new Error(reason));
  }

  async #takeGrants(permissions: readonly string[]): Promise<void> {
    for (const name of permissions)
      await this.#execute('delete from core_grant where extension = ? and permission = ?', [this.w.id, name]);
  }

  async #write(version: string, { desired }: DesiredRow, more: () => Promise<void>): Promise<number> {
    const { kernel, lock } = this;
    const { id, by } = this.w;
    await kernel.database.write(async () => {
      await lock.confirm(kernel.database);
      const change = { id, package: this.#fresh.package, version, desired, by };
      await writeDesired(this.#execute, change, sqlTimestamp(new Date()));
      await more();
      await kernel.revisionRow.raise({ assembly: desired === 'enabled' });
    });
    return (await kernel.revisionRow.read()).assembly;
  }

  /** Waits for this machine's workers. Returns why they have not followed. */
  async #follow(assembly: number): Promise<string | undefined> {
    nudgeSupervisors(this.kernel.config.directory);
    const wait = await waitForAssembly(this.kernel.database, assembly);
    if (wait.isDone) return undefined;
    const told = wait.stragglers
      .flatMap(({ problems }) => problems)
      .find((text) => text.startsWith(`assembly ${assembly}:`));
    return told ?? `the new workers were not ready within ${WAIT_MS / 1_000} seconds`;
  }
}

const NOBODY = { roles: [] } as const;

const trialWish = ({ id, package: name, version }: ExtensionPackage) =>
  ({ id, package: name, version, desired: 'enabled', isFirst: false }) as const;
