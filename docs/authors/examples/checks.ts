import { check, type ExtensionContext, messages } from '@posthorn/sdk';

const t = messages('acme-spam');
declare function withoutPolicy(context: ExtensionContext): Promise<readonly string[]>;
declare function giveThem(context: ExtensionContext, names: readonly string[]): Promise<void>;

export const policies = check({
  id: 'policies',
  title: t('Policies of domains'),
  run: async (context) => {
    const names = await withoutPolicy(context);
    if (names.length === 0) return [{ level: 'ok', message: t('Every domain has a policy.') }];
    return names.map((name) => ({
      level: 'warning',
      message: t('{{name}} has no policy.', { name }),
      mend: 'posthorn repair acme-spam.policies',
    }));
  },
  fix: async (context, { dryRun, progress }) => {
    const names = await withoutPolicy(context);
    if (!dryRun) await context.data.write(() => giveThem(context, names));
    progress(names.length, names.length);
    return names.map((subject) => ({ subject, text: t('gets the usual policy') }));
  },
});
