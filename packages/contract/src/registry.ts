import type { z } from 'zod'
import type { Operation, OperationKind } from './operation.ts'
import { accessOperations } from './operations/access.ts'
import { alertOperations } from './operations/alert.ts'
import { auditRetentionOperations } from './operations/audit-retention.ts'
import { auditSinkOperations } from './operations/audit-sink.ts'
import { auditViewOperations } from './operations/audit-view.ts'
import { auditOperations } from './operations/audit.ts'
import { authOperations } from './operations/auth.ts'
import { breakGlassOperations } from './operations/break-glass.ts'
import { evaluationOperations } from './operations/evaluation.ts'
import { governanceOperations } from './operations/governance.ts'
import { identityOperations } from './operations/identity.ts'
import { incidentOperations } from './operations/incident.ts'
import { internalOperations } from './operations/internal.ts'
import { kmsOperations } from './operations/kms.ts'
import { leaseOperations } from './operations/lease.ts'
import { leaseViewOperations } from './operations/lease-view.ts'
import { lockOperations } from './operations/lock.ts'
import { mfaOperations } from './operations/mfa.ts'
import { peopleOperations } from './operations/people.ts'
import { policySetOperations } from './operations/policy-set.ts'
import { policyOperations } from './operations/policy.ts'
import { secretOperations } from './operations/secret.ts'
import { serviceOperations } from './operations/service.ts'
import { sshAuthorityOperations } from './operations/ssh-authority.ts'
import { sshOtpOperations } from './operations/ssh-otp.ts'
import { sshCertificateOperations } from './operations/ssh-certificate.ts'
import { sshHostOperations } from './operations/ssh-host.ts'
import { sshKeyOperations } from './operations/ssh-key.ts'
import { systemOperations } from './operations/system.ts'
import { tokenOperations } from './operations/token.ts'
import { workspaceOperations } from './operations/workspace.ts'

const all = [
  ...authOperations,
  ...identityOperations,
  ...workspaceOperations,
  ...mfaOperations,
  ...peopleOperations,
  ...serviceOperations,
  ...governanceOperations,
  ...accessOperations,
  ...tokenOperations,
  ...leaseOperations,
  ...leaseViewOperations,
  ...secretOperations,
  ...lockOperations,
  ...sshHostOperations,
  ...sshKeyOperations,
  ...sshCertificateOperations,
  ...sshOtpOperations,
  ...sshAuthorityOperations,
  ...kmsOperations,
  ...auditOperations,
  ...auditRetentionOperations,
  ...auditSinkOperations,
  ...auditViewOperations,
  ...policySetOperations,
  ...systemOperations,
  ...alertOperations,
  ...incidentOperations,
  ...policyOperations,
  ...evaluationOperations,
  ...breakGlassOperations,
  ...internalOperations,
] as const

type Declared = (typeof all)[number]
export type OperationName = Declared['name']
/** Maps are worked out once; an `Extract` in their place is worked out anew by each generic function that names it. */
type DeclarationOf = { readonly [D in Declared as D['name']]: D }
export type Declaration<N extends OperationName> = DeclarationOf[N]
type NamesOfKind<K extends OperationKind> = Extract<Declared, { readonly kind: K }>['name']
export type SubscriptionName = NamesOfKind<'subscription'>

type RawOf = { readonly [N in OperationName]: z.input<DeclarationOf[N]['input']> }
type InputOf = { readonly [N in OperationName]: z.output<DeclarationOf[N]['input']> }
type OutputOf = { readonly [N in OperationName]: z.output<DeclarationOf[N]['output']> }
type WireOf = { readonly [N in OperationName]: z.input<DeclarationOf[N]['output']> }
/** What a caller sends, before parsing. */
export type Raw<N extends OperationName> = RawOf[N]
/** What a handler sees. */
export type Input<N extends OperationName> = InputOf[N]
/** What a handler answers. */
export type Output<N extends OperationName> = OutputOf[N]
/** What leaves, as JSON. */
export type Wire<N extends OperationName> = WireOf[N]

/** Every operation by its name. The types of single declarations are in `Declaration<N>`. */
export const operations: Readonly<Record<OperationName, Operation>> = Object.freeze(
  // Object.fromEntries forgets the key type; the keys are the names by construction
  Object.fromEntries(all.map((declaration) => [declaration.name, declaration as unknown as Operation])) as Record<
    OperationName,
    Operation
  >,
)

/** Names in declaration order. */
export const operationNames: readonly OperationName[] = Object.freeze(all.map((declaration) => declaration.name))

/** The declaration of one operation, typed. */
export const declarationOf = <N extends OperationName>(name: N): Declaration<N> =>
  // the record is keyed by name, which TypeScript cannot carry through an index
  operations[name] as unknown as Declaration<N>

/** True for a name that is declared; narrows text from outside. */
export const isOperationName = (text: string): text is OperationName => Object.hasOwn(operations, text)

/** Operations that transports show. */
export const publicOperationNames: readonly OperationName[] = operationNames.filter(
  (name) => operations[name].internal !== true,
)

/** `sshCertificate.sign` → `sshCertificateSign`, the GraphQL root field. */
export const graphqlFieldOf = (name: OperationName): string => {
  const [noun = '', verb = ''] = name.split('.')
  return noun + verb.charAt(0).toUpperCase() + verb.slice(1)
}
