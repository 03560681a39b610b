/** Names that other software holds: roles as the API shows them, the kind of a domain in the kernel's access rows. */
export const RESELLERS = 'Resellers';
export const DOMAIN_ADMINS = 'DomainAdmins';
export const SIMPLE_USERS = 'SimpleUsers';

export const DOMAIN_KIND = 'admin.domain';
