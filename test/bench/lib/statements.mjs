import { coreModule } from './internals.mjs';

/** Counts what passes the connections, as `onStatement` of the database object would; the kit's host does not pass that on. */
export async function countStatements(database) {
  const { connectionOf } = await coreModule('data/orm');
  const seen = { count: 0, texts: new Map() };
  const connections = new Set([
    connectionOf(database.orm),
    ...(database.dialect === 'sqlite' ? [connectionOf(database.orm, 'read')] : []),
  ]);
  for (const connection of connections) {
    const plain = connection.executeQuery.bind(connection);
    connection.executeQuery = (sql, ...rest) => {
      seen.count += 1;
      const text = sql
        .replace(/'(?:[^']|'')*'/g, '?')
        .replace(/\b\d+\b/g, '?')
        .replace(/\s+/g, ' ')
        .slice(0, 90);
      seen.texts.set(text, (seen.texts.get(text) ?? 0) + 1);
      return plain(sql, ...rest);
    };
  }
  return seen;
}
