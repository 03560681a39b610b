// Made by `npm run -s api` of the document that describes the API.

/** Every call by its method and address: what it takes and what it answers. */
export interface Calls {
  /** Whose token or session this is */
  'GET /core/me/': {
    params: undefined;
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      id: number;
      username: string;
      first_name: string;
      last_name: string;
      language: string;
      role: string;
    };
  };
  /** List jobs */
  'GET /jobs/': {
    params: undefined;
    query: {
      state?: 'ready' | 'active' | 'done' | 'failed';
      fields?: string;
      limit?: number;
      cursor?: string;
      sort?: 'id' | '-id';
    };
    body: undefined;
    answer: {
      id: number;
      job: string;
      state: 'ready' | 'active' | 'done' | 'failed';
      done: number;
      total: number | null;
      reported: number;
      error: string | null;
      waits_for: number | null;
      started_by: string | null;
      created: string;
      finished: string | null;
    }[];
  };
  /** Show a job */
  'GET /jobs/{id}/': {
    params: {
      id: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      id: number;
      job: string;
      state: 'ready' | 'active' | 'done' | 'failed';
      done: number;
      total: number | null;
      reported: number;
      error: string | null;
      waits_for: number | null;
      started_by: string | null;
      created: string;
      finished: string | null;
    };
  };
  /** What a job reports */
  'GET /jobs/{id}/report/': {
    params: {
      id: number;
    };
    query: {
      fields?: string;
      limit?: number;
      cursor?: string;
    };
    body: undefined;
    answer: {
      id: number;
      subject: string;
      text: string;
    }[];
  };
  /** Cancel a job */
  'POST /jobs/{id}/cancel/': {
    params: {
      id: number;
    };
    query: undefined;
    body: undefined;
    answer: {
      id: number;
      job: string;
      state: 'ready' | 'active' | 'done' | 'failed';
      done: number;
      total: number | null;
      reported: number;
      error: string | null;
      waits_for: number | null;
      started_by: string | null;
      created: string;
      finished: string | null;
    };
  };
  /** List domains */
  'GET /domains/': {
    params: undefined;
    query: {
      search?: string;
      fields?: string;
      limit?: number;
      cursor?: string;
      sort?:
        | 'name'
        | '-name'
        | 'pk'
        | '-pk'
        | 'quota'
        | '-quota'
        | 'mailbox_count'
        | '-mailbox_count'
        | 'mbalias_count'
        | '-mbalias_count';
    };
    body: undefined;
    answer: {
      pk: number;
      name: string;
      quota: number;
      default_mailbox_quota: number;
      enabled: boolean;
      type: string;
      enable_dns_checks: boolean;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_key_length: number | null;
      dkim_public_key: string;
      dkim_private_key_path: string;
      mailbox_count: number;
      mbalias_count: number;
      domainalias_count: number;
      creation: string;
      last_modification: string;
    }[];
  };
  /** Create a domain */
  'POST /domains/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      name: string;
      quota?: number | string;
      default_mailbox_quota?: number | string;
      enabled?: boolean;
      type?: 'domain' | 'relaydomain';
      enable_dns_checks?: boolean;
      enable_dkim?: boolean;
      dkim_key_selector?: string;
      dkim_key_length?: number | null;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      dkim_public_key?: unknown;
      dkim_private_key_path?: unknown;
      mailbox_count?: unknown;
      mbalias_count?: unknown;
      domainalias_count?: unknown;
      allocated_quota_in_percent?: unknown;
      quota_in_percent?: unknown;
      opened_alarms_count?: unknown;
      sent_messages?: unknown;
      sent_messages_in_percent?: unknown;
      message_limit?: unknown;
      dns_global_status?: unknown;
      last_dns_check_execution?: unknown;
      resources?: unknown;
      transport?: unknown;
      domain_admin?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      quota: number;
      default_mailbox_quota: number;
      enabled: boolean;
      type: string;
      enable_dns_checks: boolean;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_key_length: number | null;
      dkim_public_key: string;
      dkim_private_key_path: string;
      mailbox_count: number;
      mbalias_count: number;
      domainalias_count: number;
      creation: string;
      last_modification: string;
    };
  };
  /** Show a domain */
  'GET /domains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      pk: number;
      name: string;
      quota: number;
      default_mailbox_quota: number;
      enabled: boolean;
      type: string;
      enable_dns_checks: boolean;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_key_length: number | null;
      dkim_public_key: string;
      dkim_private_key_path: string;
      mailbox_count: number;
      mbalias_count: number;
      domainalias_count: number;
      creation: string;
      last_modification: string;
    };
  };
  /** Change a domain */
  'PUT /domains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      name?: string;
      quota?: number | string;
      default_mailbox_quota?: number | string;
      enabled?: boolean;
      type?: 'domain' | 'relaydomain';
      enable_dns_checks?: boolean;
      enable_dkim?: boolean;
      dkim_key_selector?: string;
      dkim_key_length?: number | null;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      dkim_public_key?: unknown;
      dkim_private_key_path?: unknown;
      mailbox_count?: unknown;
      mbalias_count?: unknown;
      domainalias_count?: unknown;
      allocated_quota_in_percent?: unknown;
      quota_in_percent?: unknown;
      opened_alarms_count?: unknown;
      sent_messages?: unknown;
      sent_messages_in_percent?: unknown;
      message_limit?: unknown;
      dns_global_status?: unknown;
      last_dns_check_execution?: unknown;
      resources?: unknown;
      transport?: unknown;
      domain_admin?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      quota: number;
      default_mailbox_quota: number;
      enabled: boolean;
      type: string;
      enable_dns_checks: boolean;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_key_length: number | null;
      dkim_public_key: string;
      dkim_private_key_path: string;
      mailbox_count: number;
      mbalias_count: number;
      domainalias_count: number;
      creation: string;
      last_modification: string;
    };
  };
  /** Change a domain */
  'PATCH /domains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      name?: string;
      quota?: number | string;
      default_mailbox_quota?: number | string;
      enabled?: boolean;
      type?: 'domain' | 'relaydomain';
      enable_dns_checks?: boolean;
      enable_dkim?: boolean;
      dkim_key_selector?: string;
      dkim_key_length?: number | null;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      dkim_public_key?: unknown;
      dkim_private_key_path?: unknown;
      mailbox_count?: unknown;
      mbalias_count?: unknown;
      domainalias_count?: unknown;
      allocated_quota_in_percent?: unknown;
      quota_in_percent?: unknown;
      opened_alarms_count?: unknown;
      sent_messages?: unknown;
      sent_messages_in_percent?: unknown;
      message_limit?: unknown;
      dns_global_status?: unknown;
      last_dns_check_execution?: unknown;
      resources?: unknown;
      transport?: unknown;
      domain_admin?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      quota: number;
      default_mailbox_quota: number;
      enabled: boolean;
      type: string;
      enable_dns_checks: boolean;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_key_length: number | null;
      dkim_public_key: string;
      dkim_private_key_path: string;
      mailbox_count: number;
      mbalias_count: number;
      domainalias_count: number;
      creation: string;
      last_modification: string;
    };
  };
  /** Delete a domain */
  'DELETE /domains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      keepdir?: boolean;
      dry_run?: boolean;
    };
    body: undefined;
    answer: undefined;
  };
  /** List domain aliases */
  'GET /domainaliases/': {
    params: undefined;
    query: {
      domain?: string;
      search?: string;
      fields?: string;
      limit?: number;
      cursor?: string;
      sort?: 'name' | '-name' | 'pk' | '-pk';
    };
    body: undefined;
    answer: {
      pk: number;
      name: string;
      target: number;
      enabled: boolean;
    }[];
  };
  /** Create a domain alias */
  'POST /domainaliases/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      name: string;
      target: number;
      enabled?: boolean;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      target: number;
      enabled: boolean;
    };
  };
  /** Show a domain alias */
  'GET /domainaliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      pk: number;
      name: string;
      target: number;
      enabled: boolean;
    };
  };
  /** Change a domain alias */
  'PUT /domainaliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      name?: string;
      target?: number;
      enabled?: boolean;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      target: number;
      enabled: boolean;
    };
  };
  /** Change a domain alias */
  'PATCH /domainaliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      name?: string;
      target?: number;
      enabled?: boolean;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      target: number;
      enabled: boolean;
    };
  };
  /** Delete a domain alias */
  'DELETE /domainaliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: undefined;
    answer: undefined;
  };
  /** List accounts */
  'GET /accounts/': {
    params: undefined;
    query: {
      domain?: string;
      search?: string;
      role?: string;
      fields?: string;
      limit?: number;
      cursor?: string;
      sort?: 'username' | '-username' | 'pk' | '-pk';
    };
    body: undefined;
    answer: {
      pk: number;
      username: string;
      first_name: string;
      last_name: string;
      is_active: boolean;
      master_user?: boolean;
      mailbox: {
        pk: number;
        full_address: string;
        use_domain_quota: boolean;
        quota: number;
        refuses_mail: boolean;
      } | null;
      role: string;
      language: string;
      phone_number: string | null;
      secondary_email: string | null;
      domains: string[];
      date_joined: string;
      last_login: string | null;
    }[];
  };
  /** Create an account */
  'POST /accounts/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      username: string;
      role?: string;
      password?: string;
      random_password?: boolean;
      first_name?: string;
      last_name?: string;
      is_active?: boolean;
      master_user?: boolean;
      language?: string;
      phone_number?: string | null;
      secondary_email?: string | null;
      mailbox?: {
        full_address?: string;
        quota?: number | string | null;
        use_domain_quota?: boolean;
        refuses_mail?: boolean;
        pk?: unknown;
        id?: unknown;
        message_limit?: unknown;
        is_send_only?: unknown;
        quota_usage?: unknown;
      } | null;
      domains?: string[];
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      date_joined?: unknown;
      last_login?: unknown;
      email?: unknown;
      tfa_enabled?: unknown;
      totp_enabled?: unknown;
      webauthn_enabled?: unknown;
      resources?: unknown;
    };
    answer: {
      pk: number;
      username: string;
      first_name: string;
      last_name: string;
      is_active: boolean;
      master_user?: boolean;
      mailbox: {
        pk: number;
        full_address: string;
        use_domain_quota: boolean;
        quota: number;
        refuses_mail: boolean;
      } | null;
      role: string;
      language: string;
      phone_number: string | null;
      secondary_email: string | null;
      domains: string[];
      date_joined: string;
      last_login: string | null;
    };
  };
  /** Whether an account has this address */
  'GET /accounts/exists/': {
    params: undefined;
    query: {
      email: string;
      fields?: string;
    };
    body: undefined;
    answer: {
      exists: boolean;
    };
  };
  /** Show an account */
  'GET /accounts/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      pk: number;
      username: string;
      first_name: string;
      last_name: string;
      is_active: boolean;
      master_user?: boolean;
      mailbox: {
        pk: number;
        full_address: string;
        use_domain_quota: boolean;
        quota: number;
        refuses_mail: boolean;
      } | null;
      role: string;
      language: string;
      phone_number: string | null;
      secondary_email: string | null;
      domains: string[];
      date_joined: string;
      last_login: string | null;
    };
  };
  /** Change an account */
  'PUT /accounts/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      username?: string;
      role?: string;
      password?: string;
      random_password?: boolean;
      first_name?: string;
      last_name?: string;
      is_active?: boolean;
      master_user?: boolean;
      language?: string;
      phone_number?: string | null;
      secondary_email?: string | null;
      mailbox?: {
        full_address?: string;
        quota?: number | string | null;
        use_domain_quota?: boolean;
        refuses_mail?: boolean;
        pk?: unknown;
        id?: unknown;
        message_limit?: unknown;
        is_send_only?: unknown;
        quota_usage?: unknown;
      } | null;
      domains?: string[];
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      date_joined?: unknown;
      last_login?: unknown;
      email?: unknown;
      tfa_enabled?: unknown;
      totp_enabled?: unknown;
      webauthn_enabled?: unknown;
      resources?: unknown;
    };
    answer: {
      pk: number;
      username: string;
      first_name: string;
      last_name: string;
      is_active: boolean;
      master_user?: boolean;
      mailbox: {
        pk: number;
        full_address: string;
        use_domain_quota: boolean;
        quota: number;
        refuses_mail: boolean;
      } | null;
      role: string;
      language: string;
      phone_number: string | null;
      secondary_email: string | null;
      domains: string[];
      date_joined: string;
      last_login: string | null;
    };
  };
  /** Change an account */
  'PATCH /accounts/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      username?: string;
      role?: string;
      password?: string;
      random_password?: boolean;
      first_name?: string;
      last_name?: string;
      is_active?: boolean;
      master_user?: boolean;
      language?: string;
      phone_number?: string | null;
      secondary_email?: string | null;
      mailbox?: {
        full_address?: string;
        quota?: number | string | null;
        use_domain_quota?: boolean;
        refuses_mail?: boolean;
        pk?: unknown;
        id?: unknown;
        message_limit?: unknown;
        is_send_only?: unknown;
        quota_usage?: unknown;
      } | null;
      domains?: string[];
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      date_joined?: unknown;
      last_login?: unknown;
      email?: unknown;
      tfa_enabled?: unknown;
      totp_enabled?: unknown;
      webauthn_enabled?: unknown;
      resources?: unknown;
    };
    answer: {
      pk: number;
      username: string;
      first_name: string;
      last_name: string;
      is_active: boolean;
      master_user?: boolean;
      mailbox: {
        pk: number;
        full_address: string;
        use_domain_quota: boolean;
        quota: number;
        refuses_mail: boolean;
      } | null;
      role: string;
      language: string;
      phone_number: string | null;
      secondary_email: string | null;
      domains: string[];
      date_joined: string;
      last_login: string | null;
    };
  };
  /** Delete an account */
  'DELETE /accounts/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      keepdir?: boolean;
      dry_run?: boolean;
    };
    body: undefined;
    answer: undefined;
  };
  /** Change a password */
  'PUT /accounts/{pk}/password/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      password: string;
      new_password: string;
    };
    answer: undefined;
  };
  /** List aliases */
  'GET /aliases/': {
    params: undefined;
    query: {
      domain?: string;
      search?: string;
      fields?: string;
      limit?: number;
      cursor?: string;
      sort?: 'address' | '-address' | 'pk' | '-pk';
    };
    body: undefined;
    answer: {
      pk: number;
      address: string;
      enabled: boolean;
      internal: boolean;
      recipients: string[];
      description: string;
      expire_at: string | null;
      creation: string;
      last_modification: string;
    }[];
  };
  /** Create an alias */
  'POST /aliases/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      address: string;
      recipients: string[];
      enabled?: boolean;
      description?: string;
      expire_at?: string | null;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      internal?: unknown;
      type?: unknown;
      domain?: unknown;
    };
    answer: {
      pk: number;
      address: string;
      enabled: boolean;
      internal: boolean;
      recipients: string[];
      description: string;
      expire_at: string | null;
      creation: string;
      last_modification: string;
    };
  };
  /** Show an alias */
  'GET /aliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      pk: number;
      address: string;
      enabled: boolean;
      internal: boolean;
      recipients: string[];
      description: string;
      expire_at: string | null;
      creation: string;
      last_modification: string;
    };
  };
  /** Change an alias */
  'PUT /aliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      address?: string;
      recipients?: string[];
      enabled?: boolean;
      description?: string;
      expire_at?: string | null;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      internal?: unknown;
      type?: unknown;
      domain?: unknown;
    };
    answer: {
      pk: number;
      address: string;
      enabled: boolean;
      internal: boolean;
      recipients: string[];
      description: string;
      expire_at: string | null;
      creation: string;
      last_modification: string;
    };
  };
  /** Change an alias */
  'PATCH /aliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      address?: string;
      recipients?: string[];
      enabled?: boolean;
      description?: string;
      expire_at?: string | null;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
      internal?: unknown;
      type?: unknown;
      domain?: unknown;
    };
    answer: {
      pk: number;
      address: string;
      enabled: boolean;
      internal: boolean;
      recipients: string[];
      description: string;
      expire_at: string | null;
      creation: string;
      last_modification: string;
    };
  };
  /** Delete an alias */
  'DELETE /aliases/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: undefined;
    answer: undefined;
  };
  /** List sender addresses */
  'GET /senderaddresses/': {
    params: undefined;
    query: {
      fields?: string;
      limit?: number;
      cursor?: string;
      sort?: 'pk' | '-pk' | 'address' | '-address';
    };
    body: undefined;
    answer: {
      pk: number;
      address: string;
      mailbox: number;
    }[];
  };
  /** Create a sender address */
  'POST /senderaddresses/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      address: string;
      mailbox: number;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
    };
    answer: {
      pk: number;
      address: string;
      mailbox: number;
    };
  };
  /** Show a sender address */
  'GET /senderaddresses/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      pk: number;
      address: string;
      mailbox: number;
    };
  };
  /** Change a sender address */
  'PUT /senderaddresses/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      address?: string;
      mailbox?: number;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
    };
    answer: {
      pk: number;
      address: string;
      mailbox: number;
    };
  };
  /** Change a sender address */
  'PATCH /senderaddresses/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      address?: string;
      mailbox?: number;
      pk?: unknown;
      id?: unknown;
      creation?: unknown;
      last_modification?: unknown;
    };
    answer: {
      pk: number;
      address: string;
      mailbox: number;
    };
  };
  /** Delete a sender address */
  'DELETE /senderaddresses/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: undefined;
    answer: undefined;
  };
  /** Change many domains */
  'POST /domains/bulk/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      action: 'enable' | 'disable' | 'delete';
      pks?: number[];
      filter?: {
        search?: string;
      };
      total?: number;
      keepdir?: boolean;
    };
    answer: {
      job: number | null;
      total: number;
      rows?: {
        pk: number;
        name: string;
        refusal: string | null;
      }[];
    };
  };
  /** Change many accounts */
  'POST /accounts/bulk/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      action: 'enable' | 'disable' | 'quota' | 'delete';
      pks?: number[];
      filter?: {
        domain?: string;
        search?: string;
        role?: string;
      };
      total?: number;
      quota?: number | string;
      keepdir?: boolean;
    };
    answer: {
      job: number | null;
      total: number;
      rows?: {
        pk: number;
        name: string;
        refusal: string | null;
      }[];
    };
  };
  /** Change many aliases */
  'POST /aliases/bulk/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      action: 'enable' | 'disable' | 'delete';
      pks?: number[];
      filter?: {
        domain?: string;
        search?: string;
      };
      total?: number;
      keepdir?: boolean;
    };
    answer: {
      job: number | null;
      total: number;
      rows?: {
        pk: number;
        name: string;
        refusal: string | null;
      }[];
    };
  };
  /** Show the limits of an account */
  'GET /resources/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      domains: number;
      domain_aliases: number;
      mailboxes: number;
      mailbox_aliases: number;
      domain_admins: number;
      quota: number;
    };
  };
  /** Set limits of an account */
  'PUT /resources/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      domains?: number;
      domain_aliases?: number;
      mailboxes?: number;
      mailbox_aliases?: number;
      domain_admins?: number;
      quota?: number;
    };
    answer: {
      domains: number;
      domain_aliases: number;
      mailboxes: number;
      mailbox_aliases: number;
      domain_admins: number;
      quota: number;
    };
  };
  /** Set limits of an account */
  'PATCH /resources/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      domains?: number;
      domain_aliases?: number;
      mailboxes?: number;
      mailbox_aliases?: number;
      domain_admins?: number;
      quota?: number;
    };
    answer: {
      domains: number;
      domain_aliases: number;
      mailboxes: number;
      mailbox_aliases: number;
      domain_admins: number;
      quota: number;
    };
  };
  /** List relay domains */
  'GET /relaydomains/': {
    params: undefined;
    query: {
      search?: string;
      fields?: string;
      limit?: number;
      cursor?: string;
      sort?: 'name' | '-name' | 'pk' | '-pk';
    };
    body: undefined;
    answer: {
      pk: number;
      name: string;
      enabled: boolean;
      transport: {
        pk: number;
        service: string;
        _settings: string;
      } | null;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_public_key: string;
    }[];
  };
  /** Create a relay domain */
  'POST /relaydomains/': {
    params: undefined;
    query: {
      dry_run?: boolean;
    };
    body: {
      name: string;
      transport: {
        pk?: number;
        service: string;
        _settings: string;
      };
      enabled?: boolean;
      enable_dkim?: boolean;
      dkim_key_selector?: string;
      pk?: unknown;
      id?: unknown;
      dkim_public_key?: unknown;
      dkim_key_length?: unknown;
      dkim_private_key_path?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      enabled: boolean;
      transport: {
        pk: number;
        service: string;
        _settings: string;
      } | null;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_public_key: string;
    };
  };
  /** Show a relay domain */
  'GET /relaydomains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      fields?: string;
    };
    body: undefined;
    answer: {
      pk: number;
      name: string;
      enabled: boolean;
      transport: {
        pk: number;
        service: string;
        _settings: string;
      } | null;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_public_key: string;
    };
  };
  /** Change a relay domain */
  'PUT /relaydomains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      name?: string;
      transport?: {
        pk?: number;
        service: string;
        _settings: string;
      } | null;
      enabled?: boolean;
      enable_dkim?: boolean;
      dkim_key_selector?: string;
      pk?: unknown;
      id?: unknown;
      dkim_public_key?: unknown;
      dkim_key_length?: unknown;
      dkim_private_key_path?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      enabled: boolean;
      transport: {
        pk: number;
        service: string;
        _settings: string;
      } | null;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_public_key: string;
    };
  };
  /** Change a relay domain */
  'PATCH /relaydomains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: {
      name?: string;
      transport?: {
        pk?: number;
        service: string;
        _settings: string;
      } | null;
      enabled?: boolean;
      enable_dkim?: boolean;
      dkim_key_selector?: string;
      pk?: unknown;
      id?: unknown;
      dkim_public_key?: unknown;
      dkim_key_length?: unknown;
      dkim_private_key_path?: unknown;
    };
    answer: {
      pk: number;
      name: string;
      enabled: boolean;
      transport: {
        pk: number;
        service: string;
        _settings: string;
      } | null;
      enable_dkim: boolean;
      dkim_key_selector: string;
      dkim_public_key: string;
    };
  };
  /** Delete a relay domain with everything in it */
  'DELETE /relaydomains/{pk}/': {
    params: {
      pk: number;
    };
    query: {
      dry_run?: boolean;
    };
    body: undefined;
    answer: undefined;
  };
}
