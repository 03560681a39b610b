import { HASH } from '../fixture.js';
import { type AdminHands, ELSEWHERE, type Reach } from './hands.js';
import { byService } from './said.js';

export const serviceHands: Reach<AdminHands> = (b, username) => {
  const actor = () => b.actor(username);
  return {
    domain: (name, values) => byService(actor().then((who) => b.domains.create(who, { name, ...values }))),
    changeDomain: (name, values) => byService(actor().then((who) => b.domains.update(who, name, values))),
    removeDomain: (name) => byService(actor().then((who) => b.domains.remove(who, name))),
    domainAlias: (name, target) => byService(actor().then((who) => b.domainAliases.create(who, { name, target }))),
    renameDomainAlias: (key, name) => byService(actor().then((who) => b.domainAliases.update(who, key, { name }))),
    removeDomainAlias: (name) => byService(actor().then((who) => b.domainAliases.remove(who, name))),
    account: (wanted, { quota, role, ...rest } = {}) =>
      byService(
        actor().then((who) =>
          b.mailboxes.create(who, {
            ...rest,
            username: wanted,
            passwordHash: HASH,
            ...(role === undefined ? {} : { role }),
            ...(quota !== undefined ? { mailbox: { quota } } : role === undefined ? {} : { mailbox: null }),
          }),
        ),
      ),
    changeAccount: (key, { quota, ...rest }) =>
      byService(
        actor().then((who) =>
          b.mailboxes.update(who, key, { ...rest, ...(quota === undefined ? {} : { mailbox: { quota } }) }),
        ),
      ),
    removeAccount: (key) => byService(actor().then((who) => b.mailboxes.remove(who, key))),
    alias: (address, recipient = ELSEWHERE) =>
      byService(actor().then((who) => b.aliases.create(who, { address, recipients: [recipient] }))),
    changeAlias: (address, to) => byService(actor().then((who) => b.aliases.update(who, address, { address: to }))),
    removeAlias: (address) => byService(actor().then((who) => b.aliases.remove(who, address))),
  };
};
