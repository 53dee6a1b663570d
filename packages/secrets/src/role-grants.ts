import type { Output } from '@gatehouse/contract'
import type { ProviderKind } from './secret-provider.ts'

type Form<K extends ProviderKind> = NonNullable<Output<'secretRole.get'>[K]>

/** What a credential may do, by the names that its backend has for it: for who approves that some are issued. */
const grants: { readonly [K in ProviderKind]: (form: Form<K>) => readonly string[] } = {
  postgres: (form) => form.grants,
  vault: ({ path }) => [path],
  aws: ({ roleArn, policy = null }) => [roleArn, ...(policy === null ? [] : [`no more than ${policy}`])],
  upcloud: ({ permissions }) => permissions.map(({ targetType, target }) => `${targetType} ${target}`),
}

/** The same of a role's row, whose form was read as its kind's when it was written. */
export const grantsOf = ({ kind, form }: { readonly kind: ProviderKind; readonly form: unknown }): readonly string[] =>
  grants[kind](form as never)
