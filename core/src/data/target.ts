import type { DatabaseTarget } from '@posthorn/sdk';

/** A target as it may stand in logs and messages: everything but the password. */
export function describeTarget(target: DatabaseTarget): string {
  if (target.dialect === 'sqlite') return `sqlite:${target.path}`;
  const place =
    target.socket === ''
      ? `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
      : target.socket;
  return `${target.dialect}://${target.user}@${place}/${target.name}`;
}
