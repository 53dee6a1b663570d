import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { volume } from './volume.ts'

/** What takes longest where volumes are whole, some of it in no time where they are not. */
const slowestWhole: readonly string[] = [
  'packages/breakglass/src/model-sequence.test.ts',
  'packages/breakglass/src/model-nested.test.ts',
  'packages/breakglass/src/model.test.ts',
  'test/e2e/web-gallery.test.ts',
  'packages/identity/test/threats-a11.real.test.ts',
  'test/e2e/hostile-input.test.ts',
]

/**
 * What takes longest, as `npm test` prints it at its end; of these what waits longest stands first, and browsers apart:
 * each takes a core. A file that is missing here runs later than it might; nothing else depends on it.
 */
const slowest: readonly string[] = [
  ...volume({ full: slowestWhole, sample: [] }),
  'test/e2e/start.test.ts',
  'test/e2e/web-admin.test.ts',
  'test/e2e/limits.test.ts',
  'apps/worker/test/worker.real.test.ts',
  'test/e2e/temporal.test.ts',
  'scripts/supervisor/test/supervisor.real.test.ts',
  'packages/ssh/test/lease-key.real.test.ts',
  'test/e2e/cli.test.ts',
  'test/e2e/web.test.ts',
  'temporal/test/workflows.real.test.ts',
  'packages/ssh/test/conformance.real.test.ts',
  'packages/cli/test/ssh-host-setup.real.test.ts',
  'test/e2e/web-passkeys.test.ts',
  'apps/gateway/test/request-chain.real.test.ts',
  'test/e2e/kill-after-answer.test.ts',
  'test/e2e/reference.test.ts',
  'test/e2e/hostile-input.test.ts',
  'test/e2e/web-gallery.test.ts',
  'test/e2e/cli-identity.test.ts',
  'apps/gateway/test/emergency.real.test.ts',
  'packages/cli/test/completion.real.test.ts',
  'packages/ssh/test/bound-hosts.real.test.ts',
  'packages/policy/test/policy-handlers.real.test.ts',
  'test/e2e/web-account.test.ts',
  'packages/audit/test/sequencer.real.test.ts',
  'test/e2e/streams.test.ts',
  'packages/cli/test/output.real.test.ts',
  'test/e2e/outcomes.test.ts',
  'packages/identity/test/threats-a11.real.test.ts',
  'apps/gateway/test/vault-clients.real.test.ts',
  'apps/gateway/test/decisions.real.test.ts',
  'packages/cli/test/ssh-programs.real.test.ts',
  'packages/compose/test/key-backends.real.test.ts',
  'packages/cli/test/keyring.real.test.ts',
  'packages/cli/test/config-files.real.test.ts',
  'packages/cli/test/ssh-host-ca.real.test.ts',
  'packages/secrets/test/postgres-conformance.real.test.ts',
  'packages/secrets/test/vault-conformance.real.test.ts',
  'packages/secrets/test/aws-conformance.real.test.ts',
  'packages/secrets/test/upcloud-conformance.real.test.ts',
  'packages/breakglass/test/ceremony.real.test.ts',
  'packages/breakglass/test/threats.real.test.ts',
  'test/packed/packed-cli.real.test.ts',
  'packages/cli/test/ssh-connect.real.test.ts',
  'packages/audit/test/export.real.test.ts',
  'packages/ssh/test/lease-sweep.real.test.ts',
  'apps/worker/test/mail.real.test.ts',
]

/** Starts the slowest files first, so that none of them is left running alone at the end. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = slowest.findIndex((path) => moduleId.endsWith(`/${path}`))
      return place === -1 ? slowest.length : place
    }
    return (await super.sort(files)).toSorted((one, two) => rank(one) - rank(two))
  }
}
