import { type AdminHands, ELSEWHERE, type Reach } from './hands.js';
import { byCommand } from './said.js';

/** Options as they are typed; what is undefined is not. */
export const options = (values: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) => {
    const option = name.replaceAll('_', '-');
    if (value === undefined) return [];
    if (typeof value === 'boolean') return [`--${value ? '' : 'no-'}${option}`];
    return [value].flat().map((one) => `--${option}=${String(one)}`);
  });

export const commandHands: Reach<AdminHands> = (b, username) => {
  const run = (...argv: readonly string[]) => byCommand(b.host, [...argv, '--as', username]);
  const domainOptions = ({ enabled, ...rest }: { readonly enabled?: boolean }) => [
    ...options(rest as Readonly<Record<string, unknown>>),
    ...(enabled === undefined ? [] : [enabled ? '--enable' : '--disable']),
  ];
  return {
    domain: (name, values = {}) => run('domain', 'create', name, ...domainOptions(values)),
    changeDomain: (key, { name: rename, ...values }) =>
      run('domain', 'update', key, ...options({ rename }), ...domainOptions(values)),
    removeDomain: (name) => run('domain', 'delete', name, '--yes'),
    domainAlias: (name, target) => run('domainalias', 'create', name, '--target', target),
    renameDomainAlias: (key, rename) => run('domainalias', 'update', key, ...options({ rename })),
    removeDomainAlias: (name) => run('domainalias', 'delete', name, '--yes'),
    account: (name, { domains: domain, ...rest } = {}) => {
      const mailbox = rest.role === undefined || rest.quota !== undefined ? undefined : false;
      return run('account', 'create', name, ...options({ ...rest, domain, mailbox }));
    },
    changeAccount: (key, { username: rename, ...rest }) =>
      run('account', 'update', key, ...options({ ...rest, rename })),
    removeAccount: (key) => run('account', 'delete', key, '--yes'),
    alias: (address, recipient = ELSEWHERE) => run('alias', 'create', address, '--recipient', recipient),
    changeAlias: (address, rename) => run('alias', 'update', address, ...options({ rename })),
    removeAlias: (address) => run('alias', 'delete', address, '--yes'),
  };
};
