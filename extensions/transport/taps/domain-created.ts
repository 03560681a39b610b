import { domainCreated } from '@posthorn/admin/contract';
import { on } from '@posthorn/sdk';

/** Transports that were there before the domain belong to it from now on. */
export const adoptPatterns = on(domainCreated, async ({ domain }, { data }) => {
  await data.write(() =>
    data.derived(() =>
      data.execute(
        `update transport_transport set domain_id = ? where domain_id is null and pattern in (?, ?, ?)
         and exists (select 1 from admin_domain d where d.id = ?)`,
        [domain.pk, domain.name, `.${domain.name}`, `@${domain.name}`, domain.pk],
      ),
    ),
  );
});
