/** Hosts, databases and mail servers for tests of Posthorn and its extensions. */
export { type TestHost, type TestHostOptions, testHost } from './test-host.js';
