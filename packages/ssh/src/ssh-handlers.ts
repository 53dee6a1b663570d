import {
  certificateSortKeys,
  decodeUuidCursor,
  decodePosition,
  hostSortKeys,
  pageOf,
  Refusal,
  sortedPageOf,
  type Input,
} from '@gatehouse/contract'
import type { HandlersOf } from '@gatehouse/enforcement'
import { signingCa, type Ca } from './authorities.ts'
import { checkSshHost } from './check-ssh-host.ts'
import { deploySshKey } from './deploy-ssh-key.ts'
import { generateSshKey } from './generate-ssh-key.ts'
import { importSshHosts } from './import-ssh-hosts.ts'
import { decidedHost } from './issue-terms.ts'
import { cleanupSshKey, reconcileSshHost, sweepSshKey } from './reconcile-ssh-host.ts'
import { registerSshHost } from './register-ssh-host.ts'
import { removeSshHost } from './remove-ssh-host.ts'
import { repinSshHost } from './repin-ssh-host.ts'
import { renewSshHostCertificate } from './renew-ssh-host-certificate.ts'
import { reportSshHost } from './report-ssh-host.ts'
import { revokeSshCertificate } from './revoke-ssh-certificate.ts'
import { revokeSshKey } from './revoke-ssh-key.ts'
import { rotateSshAuthority } from './rotate-ssh-authority.ts'
import { advanceSshCa, rotateSshCa } from './rotate-ssh-ca.ts'
import { signSshHostCertificate } from './sign-ssh-host-certificate.ts'
import { signSshCertificate } from './sign-ssh-certificate.ts'
import { issueSshOtp } from './issue-ssh-otp.ts'
import { verifySshOtp } from './verify-ssh-otp.ts'
import { listCertificates } from './ssh-certificate.queries.ts'
import { sshAuthorityHandlers } from './ssh-authority-handlers.ts'
import type { SshDeps } from './ssh-deps.ts'
import { listHosts } from './ssh-host.queries.ts'
import { countKeys, listKeys, readKey } from './ssh-key.queries.ts'
import { hostView, toCertificate, toHost, toKey } from './ssh-view.ts'
import { updateSshHost } from './update-ssh-host.ts'
import { fingerprint, formatPublicKey, formatSshSignature } from './wire/index.ts'

type Nouns =
  | 'sshHost'
  | 'sshHostCertificate'
  | 'sshKey'
  | 'sshCertificate'
  | 'sshOtp'
  | 'sshCa'
  | 'sshAuthority'
  | 'sshKrl'

/** Every operation on hosts, keys, certificates and what hosts trust. */
export const sshHandlers = (deps: SshDeps): HandlersOf<Nouns> => ({
  ...readers(deps),
  ...sshAuthorityHandlers(deps),
  'sshAuthority.rotate': rotateSshAuthority(deps),
  'sshHost.register': registerSshHost(deps),
  'sshHost.import': importSshHosts(deps),
  'sshHost.update': updateSshHost(deps),
  'sshHost.repin': repinSshHost(deps),
  'sshHost.remove': removeSshHost(deps),
  'sshHost.check': checkSshHost(deps),
  'sshHost.report': reportSshHost(deps),
  'sshHostCertificate.sign': signSshHostCertificate(deps),
  'sshHostCertificate.renew': renewSshHostCertificate(deps),
  'sshHost.reconcile': reconcileSshHost(deps),
  'sshCa.rotate': rotateSshCa(deps),
  'sshCa.advance': advanceSshCa(deps),
  'sshKey.generate': generateSshKey(deps),
  'sshKey.deploy': deploySshKey(deps),
  'sshKey.revoke': revokeSshKey(deps),
  'sshKey.cleanup': cleanupSshKey(deps),
  'sshKey.sweep': sweepSshKey(deps),
  'sshCertificate.sign': signSshCertificate(deps),
  'sshCertificate.revoke': revokeSshCertificate(deps),
  'sshOtp.issue': issueSshOtp(deps),
  'sshOtp.verify': verifySshOtp(deps),
})

type Readers =
  | 'sshHost.list'
  | 'sshHost.get'
  | 'sshKey.list'
  | 'sshKey.stats'
  | 'sshKey.get'
  | 'sshCertificate.list'
  | 'sshCa.get'
  | 'sshKrl.get'

const readers = (deps: SshDeps): Pick<HandlersOf<Nouns>, Readers> => ({
  ...hostReaders(deps),
  ...credentialReaders(deps),
  ...documentReaders(deps),
})

const hostReaders = (deps: SshDeps): Pick<HandlersOf<Nouns>, 'sshHost.list' | 'sshHost.get'> => ({
  'sshHost.list': async ({ input, scope }) => {
    const place = ordering(input)
    const { db, directory } = deps
    const workspace = input.workspace && (await directory.findWorkspaceId(db, input.workspace))
    if (workspace === null) return { items: [], nextCursor: null }
    const { unbound } = input
    const rows = await listHosts(db, { workspaces: scope.workspaces, workspace, unbound, ...place })
    const view = await hostView(deps)
    const hosts = rows.map((row) => toHost(row, view))
    return sortedPageOf(hosts, input.first, { sort: place.sort, keys: hostSortKeys })
  },
  'sshHost.get': async (permit) => toHost(await decidedHost(deps.db, permit), await hostView(deps)),
})

const credentialReaders = ({
  db,
  clock,
  directory,
}: SshDeps): Pick<HandlersOf<Nouns>, 'sshKey.list' | 'sshKey.stats' | 'sshKey.get' | 'sshCertificate.list'> => ({
  'sshKey.list': async ({ input, scope, principal }) => {
    const rows = await listKeys(db, {
      scope,
      callerId: principal.id,
      state: input.state,
      host: input.host,
      ...paging(input),
    })
    return pageOf(rows.map(toKey), input.first, (key) => [key.createdAt, key.id])
  },
  'sshKey.stats': async ({ input, scope, principal }) => {
    const workspace = input.workspace && (await directory.findWorkspaceId(db, input.workspace))
    if (workspace === null) throw new Refusal('not-found')
    return countKeys(db, { scope, callerId: principal.id, workspace, now: clock.now() })
  },
  'sshKey.get': async ({ input }) => {
    const row = await readKey(db, input.id)
    if (row === null) throw new Refusal('not-found')
    return toKey(row)
  },
  'sshCertificate.list': async ({ input, scope, principal }) => {
    const now = clock.now()
    const place = ordering(input)
    const rows = await listCertificates(db, {
      scope,
      callerId: principal.id,
      state: input.state,
      host: input.host,
      now,
      ...place,
    })
    return sortedPageOf(
      rows.map((row) => toCertificate(row, now)),
      input.first,
      { sort: place.sort, keys: certificateSortKeys },
    )
  },
})

const documentReaders = ({
  db,
  documents,
  authorities,
}: SshDeps): Pick<HandlersOf<Nouns>, 'sshCa.get' | 'sshKrl.get'> => ({
  'sshCa.get': async () => {
    const cas = await authorities.cas(db)
    const ca = signingCa(cas).publicKey
    const lineOf = (stage: Ca['stage']): string | null => {
      const found = cas.find((one) => one.stage === stage)
      return found === undefined ? null : formatPublicKey(found.publicKey)
    }
    return {
      caPublicKey: formatPublicKey(ca),
      caFingerprint: fingerprint(ca),
      listSignerPublicKey: documents.listSignerPublicKey,
      hostCaPublicKey: documents.hostCaPublicKey,
      managementPublicKey: documents.managementPublicKey,
      nextCaPublicKey: lineOf('next'),
      previousCaPublicKey: lineOf('previous'),
    }
  },
  'sshKrl.get': async () => {
    const { version, body, signature, certificates } = await documents.revocationList()
    return {
      version,
      krl: Buffer.from(body).toString('base64'),
      signature: formatSshSignature(signature),
      certificates,
    }
  },
})

/** Where a list that can be sorted goes on, and by what. */
const ordering = <S extends string>({
  first,
  after,
  search,
  sort,
}: {
  readonly first: number
  readonly after?: string | undefined
  readonly search?: string | undefined
  readonly sort?: S | undefined
}) => {
  const order: S | 'newest' = sort ?? 'newest'
  return { first, after: decodePosition(after, order), search, sort: order }
}

const paging = ({ first, after }: Pick<Input<'sshHost.list'>, 'first' | 'after'>) => ({
  first,
  after: after === undefined ? null : decodeUuidCursor(after),
})
