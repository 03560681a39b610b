import { type ExtensionContext, roles, type Text } from '@posthorn/sdk';

/** What a role is called; its name where nobody contributes it any more. */
export function roleLabel(context: ExtensionContext, name: string): Text {
  return context.items(roles).find(({ item }) => item.name === name)?.item.label ?? name;
}
