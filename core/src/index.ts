/** What the host and the test kit use of the kernel. Extensions use the SDK instead. */
export { superActor } from './access/grants.js';
export type { ExtensionState } from './assembly/assemble.js';
export { discover, type ExtensionPackage } from './assembly/discover.js';
export { ProcessRow } from './cluster/process-row.js';
export { RevisionWatch } from './cluster/revision-watch.js';
export { processStart, SUPERVISOR_FILE } from './cluster/supervisor-file.js';
export { describeFailure } from './commands/failure.js';
export type { HostCommand } from './commands/program.js';
export { type CommandLine, runCommandLine } from './commands/run.js';
export type { InstanceConfig, ProcessRole } from './config.js';
export { parseDatabaseUrl } from './data/url.js';
export { problem } from './errors.js';
export { type AppOptions, createApp } from './http/app.js';
export type { NextStep } from './http/front-page.js';
export { type BootOptions, Kernel } from './kernel.js';
export { settle } from './settle.js';
export { type SetUp, setUpInstance } from './setup.js';
export { createLog, type Logger } from './watch/log.js';
