import { conformance } from '@posthorn/testkit/conformance';
import { transports } from '@posthorn/transport/contract';

conformance(new URL('../../extensions/transport/', import.meta.url), {
  async prepare(host) {
    const context = host.context('transport');
    const settings = { target_host: 'mx.example.net' };
    const { pk } = await context.get(transports).create(host.system, { pattern: 'a.test', service: 'smtp', settings });
    return {
      addresses: {
        '/transport/new/:service/': '/transport/new/smarthost/',
        '/transport/:id/edit/': `/transport/${pk}/edit/`,
        '/transport/:id/delete/': `/transport/${pk}/delete/`,
      },
    };
  },
});
