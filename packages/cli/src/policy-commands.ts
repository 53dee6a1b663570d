import { operations } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { flag, totpFlag } from './flag.ts'
import { flagsOf } from './operation-flags.ts'

/** What a question about a call is asked by. */
const questionFlags = [
  flag('action', 'an operation such as lease.revoke, or an action of the platform such as deploy', { required: true }),
  flag('resource', 'what it is done to: a type and an id, such as Server:web-1', { required: true }),
  flag('principal', 'whose call it is, such as User:ada or Service:ci-deploy', { defaultText: 'yourself' }),
  flag('workspace', 'where it stands', { defaultText: 'default' }),
  flag('session', 'the session that they call in; without it they count as proved by a password'),
  flag('address', 'where they call from'),
  flag('property', 'a fact of the thing, such as classification=confidential', { kind: 'list' }),
  flag('claim', 'a fact of the call, such as force=true', { kind: 'list' }),
  flag('parameters', 'what else of the call counts for its approval, such as version=1.4.2', { kind: 'list' }),
] as const

/** Policies and decisions: asked, explained, tested, published and made again. */
export const policyCommands: readonly Command[] = [
  command('policy evaluate', 'Ask whether somebody may do something: here, or on the platform.', {
    covers: ['policy.evaluate'],
    flags: questionFlags,
    positionals: ['action', 'resource'],
    assurance: 'pw',
    examples: [
      'deploy Cluster:web --principal User:ada --workspace shop --parameters version=1.4.2',
      'read Secret:db-password --principal Service:ci-deploy --property classification=confidential',
      'sshHost.register Workspace:default --claim anySource=false --json',
    ],
    run: async (cli, args) => (await import('./run-policy-evaluation.ts')).runPolicyEvaluation(cli, args),
  }),
  command(
    'policy test',
    'Run suites of cases, and say which do not meet the decision they expect. Exit 1 unless all do.',
    {
      covers: ['policy.test'],
      flags: [
        flag('directory', 'a policy directory here, by its own policies; left out: the server, by what is in force'),
      ],
      positionals: ['directory'],
      assurance: 'pw',
      examples: ['', 'policies', 'policies --json'],
      run: async (cli, args) => (await import('./run-policy-test.ts')).runPolicyTest(cli, args),
    },
  ),
  command(
    'policy diff',
    'Say who gains and who loses what by other policies. Exit 0: nobody; 1: somebody; 2: a set that is not valid.',
    {
      flags: [
        flag('directory', 'the policies to compare with those in force; with two directories, the old ones', {
          required: true,
        }),
        flag('other', 'the new ones'),
      ],
      positionals: ['directory', 'other'],
      assurance: 'pw',
      examples: ['policies', 'policies-old policies', 'policies --json'],
      run: async (cli, args) => (await import('./run-policy-diff.ts')).runPolicyDiff(cli, args),
    },
  ),
  command('policy matrix', 'Who may do what: each operation by each kind of caller, by the policies in force.', {
    covers: ['policy.matrix'],
    flags: [flag('caller', 'only these kinds of caller, such as Viewer,service', { kind: 'list' })],
    assurance: 'pw',
    examples: ['', '--caller Operator,Viewer', '--json'],
    run: async (cli, args) => (await import('./run-policy-matrix.ts')).runPolicyMatrix(cli, args),
  }),
  command('policy explain', 'Say why somebody may do something or not, and what would make it allow.', {
    covers: ['policy.explain'],
    flags: [...questionFlags, flag('decision', 'a recorded decision, by its id: gatehouse decision list')].map(
      (one) => ({ ...one, required: false }),
    ),
    positionals: ['action', 'resource'],
    assurance: 'pw',
    examples: [
      'ssh Server:web-1 --principal User:ada --workspace shop',
      'user.create System:gatehouse --claim role=Viewer',
      '--decision ENTRY --json',
    ],
    run: async (cli, args) => (await import('./run-policy-explanation.ts')).runPolicyExplanation(cli, args),
  }),
  command('policy who-could', 'Say who could do something: by which policies, and what others lack for it.', {
    covers: ['policy.whoCould'],
    flags: [
      ...questionFlags.filter(({ name }) => name !== 'principal' && name !== 'session'),
      flag('at', 'by the policies and at the hour of another time; people, teams and things are those of now', {
        defaultText: 'now',
      }),
      ...flagsOf(operations['policy.whoCould']).filter(({ field }) => field === 'first' || field === 'after'),
    ],
    positionals: ['action', 'resource'],
    assurance: 'pw',
    examples: [
      'deploy Cluster:web --workspace shop',
      'policy.publish System:gatehouse --at 1d',
      'ssh Server:web-1 --workspace shop --json',
    ],
    run: async (cli, args) => (await import('./run-who-could.ts')).runWhoCould(cli, args),
  }),
  command(
    'policy publish',
    'Publish a policy directory to every node, until the next publication or until a policy file changes.',
    {
      covers: ['policy.publish'],
      flags: [
        flag('directory', 'a directory here; left out: the one of the server that answers'),
        flag('reason', 'why', { required: true }),
        totpFlag,
      ],
      positionals: ['directory'],
      assurance: 'su',
      examples: ['policies --reason "production hours"', '--reason "as on the server" --totp 123456'],
      run: async (cli, args) => (await import('./run-policy-publish.ts')).runPolicyPublish(cli, args),
    },
  ),
  command('policy bundle', 'Sign a policy directory, for servers that take only what is signed; needs no server.', {
    flags: [
      flag('directory', 'a directory here', { required: true }),
      flag('key', 'private key (Ed25519, PEM)', { required: true }),
      flag('name', 'whose signature it is, as in the public key', { defaultText: 'policies' }),
    ],
    positionals: ['directory'],
    examples: ['policies --key policies.pem', 'policies --key policies.pem --name ops', 'policies --key k.pem --json'],
    run: async (cli, args) => (await import('./run-policy-bundle.ts')).runPolicyBundle(cli, args),
  }),
  command('policy bundle-key', 'Make a key to sign policies by; prints the public key for the settings.', {
    flags: [
      flag('file', 'a new file for the private key', { required: true }),
      flag('name', 'whose signature it is', { defaultText: 'policies' }),
    ],
    positionals: ['file'],
    examples: ['policies.pem', 'policies.pem --name ops', 'policies.pem --json'],
    run: async (cli, args) => (await import('./run-policy-bundle.ts')).runPolicyBundleKey(cli, args),
  }),
  command('policy simulate', operations['policy.simulate'].summary, {
    covers: ['policy.simulate', 'policy.simulationWatch'],
    flags: [
      flag('directory', 'a policy directory here, instead of --files'),
      ...flagsOf(operations['policy.simulate']).map((one) =>
        one.field === 'files' ? { ...one, required: false } : one,
      ),
      totpFlag,
    ],
    positionals: ['directory'],
    assurance: 'pw',
    examples: ['candidate --from 7d', 'candidate --from 30d --to 1d --json', '--files @candidate.json --from 7d'],
    run: async (cli, args) => (await import('./run-policy-simulation.ts')).runPolicySimulation(cli, args),
  }),
  command(
    'policy shadow-publish',
    'Let a policy directory decide beside what is in force, without effect; see `policy shadow-report`.',
    {
      covers: ['policy.shadowPublish'],
      flags: [
        flag('directory', 'a directory here', { required: true }),
        flag('reason', 'why', { required: true }),
        totpFlag,
      ],
      positionals: ['directory'],
      assurance: 'mfa',
      examples: ['candidate --reason "production hours"', 'candidate --reason "production hours" --json'],
      run: async (cli, args) => (await import('./run-policy-publish.ts')).runPolicyShadow(cli, args),
    },
  ),
  command('decision verify', 'Make a recorded decision again from its receipt, without a server, and compare.', {
    flags: [flag('file', 'what `decision get ID --json` printed; - is standard input', { required: true })],
    positionals: ['file'],
    examples: ['receipt.json', '- < receipt.json', 'receipt.json --json'],
    run: async (cli, args) => (await import('./run-decision-verification.ts')).runDecisionVerification(cli, args),
  }),
]
