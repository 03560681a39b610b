/**
 * Node's `http`. An `import` reads each name that it exports, and one of them, WebSocket, brings a whole HTTP client with
 * it: 6 MB of a worker that nothing here uses.
 */
export const http = process.getBuiltinModule('node:http');
