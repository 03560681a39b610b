/** The ways to hand mail on that every Postfix has in its `master.cf`, and a server that wants a password. */
import { type Contribution, field, isPlainLine, messages } from '@posthorn/sdk';
import { transportBackend } from '../contract/backends.js';
import { hostHop } from '../host-name.js';
import { problem } from '../problems.js';

const t = messages('transport');

const target = (port: number) => ({
  target_host: field.string({
    label: t('Server'),
    help: t('A host name or an address, IPv4 or IPv6, without brackets.'),
    min: 1,
    max: 255,
  }),
  target_port: field.integer({ label: t('Port'), min: 1, max: 65_535 }).default(port),
});

const relay = transportBackend({
  service: 'relay',
  title: t('Relay'),
  summary: t('Hands mail on to the server that keeps it.'),
  settings: {
    ...target(25),
    verify_recipients: field
      .boolean({ label: t('Verify recipients'), help: t('Asks the server before mail is taken.') })
      .default(false),
  },
  nextHop: ({ target_host, target_port }) => hostHop(target_host, target_port),
});

const smtp = transportBackend({
  service: 'smtp',
  title: t('SMTP'),
  summary: t('Hands mail on to a certain server, past what DNS says.'),
  settings: target(25),
  nextHop: ({ target_host, target_port }) => hostHop(target_host, target_port),
});

const lmtp = transportBackend({
  service: 'lmtp',
  title: t('LMTP'),
  summary: t('Delivers to a server beside this one that speaks LMTP.'),
  settings: {
    ...target(24),
    target_host: target(24).target_host.optional(),
    socket: field
      .string({
        label: t('Socket'),
        help: t('Path of a unix socket instead of a server; a relative one lies in the queue directory.'),
        max: 95,
      })
      .optional(),
  },
  kinds: ['domain', 'subdomains', 'address'],
  nextHop({ target_host, target_port, socket }) {
    if (socket === undefined || socket === '') return `inet:${hostHop(target_host ?? '', target_port)}`;
    if (!/^[\w./-]+$/.test(socket)) throw problem('E_TRANSPORT_NEXT_HOP', {}, { field: 'socket' });
    return `unix:${socket}`;
  },
});

const smarthost = transportBackend({
  service: 'smarthost',
  title: t('Smarthost'),
  summary: t('Sends what comes from a domain through a server that asks for a name and a password.'),
  settings: {
    ...target(587),
    username: field.string({ label: t('Username'), min: 1, max: 254, pattern: /^[!-9;-~]+$/ }),
    password: field.secret({ label: t('Password'), help: t('Empty keeps the one that is stored.') }),
  },
  // Postfix finds the password by the sender: by the server, two domains could not have accounts at the same one.
  kinds: ['sender'],
  nextHop({ target_host, target_port, password }) {
    if (password === '' || password.trim() !== password || !isPlainLine(password)) {
      throw problem('E_TRANSPORT_PASSWORD', {}, { field: 'password' });
    }
    return hostHop(target_host, target_port);
  },
});

export const ownBackends: readonly Contribution[] = [relay, smtp, lmtp, smarthost];
