// The house's arrows, as an allow-list: who is not named here may not be imported. The table in docs/architecture.md
// says why.
const { readFileSync, readdirSync } = require('node:fs')

/** What a package's sources may import; `package/subpath` opens only that pure entry point of it. */
const ARROWS = {
  kit: [],
  contract: ['kit'],
  config: ['contract', 'kit', 'sops'],
  enforcement: ['contract', 'kit'],
  database: ['kit'],
  policy: ['contract', 'kit', 'enforcement', 'database', 'audit'],
  audit: ['contract', 'kit', 'enforcement', 'database'],
  identity: ['contract', 'kit', 'enforcement', 'database', 'audit', 'keys'],
  keys: ['contract', 'kit', 'enforcement', 'database', 'audit'],
  sops: ['contract', 'kit', 'keys/gcm', 'keys/shamir', 'keys/aws-names', 'keys/aws-chain'],
  secrets: ['contract', 'kit', 'enforcement', 'database', 'audit', 'keys'],
  ssh: ['contract', 'kit', 'enforcement', 'database', 'audit', 'keys', 'secrets'],
  alerts: ['contract', 'kit', 'enforcement', 'database', 'audit', 'keys', 'identity'],
  incidents: ['contract', 'kit', 'enforcement', 'database', 'audit', 'keys', 'identity', 'alerts'],
  breakglass: [
    'contract',
    'kit',
    'enforcement',
    'database',
    'audit',
    'keys',
    'identity',
    'alerts',
    'incidents',
    'secrets',
  ],
  compliance: ['contract', 'kit', 'enforcement', 'database', 'audit'],
  compose: [
    'alerts',
    'incidents',
    'config',
    'contract',
    'kit',
    'enforcement',
    'database',
    'policy',
    'audit',
    'identity',
    'keys',
    'secrets',
    'ssh',
    'breakglass',
    'compliance',
  ],
  cli: [
    'contract',
    'kit',
    'sops',
    'audit/verify',
    'ssh/wire',
    'keys/wrap',
    'keys/file',
    'policy/offline',
    'policy/bundle',
    'breakglass/verify',
  ],
  client: [],
  testkit: ['.+'],
}
const TEMPORAL_MAY = ['contract', 'kit', 'enforcement', 'secrets', 'breakglass/transitions', 'incidents/transitions']
const WEB_MAY = ['contract', 'kit']

/**
 * Identity's rooms, lowest first: a room may import itself and those below it. Files beside the rooms (`handlers.ts`,
 * `domain.ts`, `index.ts`) put them together.
 */
const IDENTITY_ROOMS = [
  'shared',
  'directory',
  'settings',
  'notices',
  'tokens',
  'session',
  'proof',
  'programs',
  'login',
  'approvals',
  'people',
  'seed',
  'upkeep',
]

const TESTS = '(\\.test\\.ts|\\.test-d\\.ts|/test/.*|/testdata/.*)$'

/** A package nobody has thought about may import nothing. */
const packagesOnDisk = readdirSync(`${__dirname}/packages`)
const arrows = { ...Object.fromEntries(packagesOnDisk.map((name) => [name, []])), ...ARROWS }

/** The files behind one entry of the allow-list. */
const filesOf = (entry) => {
  if (entry === 'temporal') return 'temporal/'
  const [name, subpath] = entry.split('/')
  if (!subpath) return `packages/${name}/`
  return `packages/${name}/${entryPoint(name, subpath)}`
}

const entryPoint = (name, subpath) => {
  const target = readManifest(name).exports?.[`./${subpath}`] ?? `./src/${subpath}.ts`
  return target.slice(2).replace(/[.]/g, '\\.')
}

const readManifest = (name) => {
  try {
    return JSON.parse(readFileSync(`${__dirname}/packages/${name}/package.json`, 'utf8'))
  } catch {
    return {} // a package the plan names and nobody has begun
  }
}

/** What lies under `from` may import itself and what is allowed. */
const arrow = (from, name, allowed) => ({
  name: `${name}-imports`,
  comment: `${name} may import ${allowed.join(', ') || 'no other package'}`,
  severity: 'error',
  from: { path: `^${from}`, pathNot: [TESTS] },
  to: {
    path: '^(packages|apps|temporal|scripts)/',
    pathNot: [`^${from}`, ...allowed.map((entry) => `^${filesOf(entry)}`)],
  },
})

const roomArrow = (room, index) => ({
  name: `identity-${room}-imports`,
  comment: `${room} may import ${IDENTITY_ROOMS.slice(0, index).join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^packages/identity/src/${room}/`, pathNot: [TESTS] },
  to: {
    path: '^packages/identity/src/',
    pathNot: IDENTITY_ROOMS.slice(0, index + 1).map((allowed) => `^packages/identity/src/${allowed}/`),
  },
})

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'no cycle anywhere, of types neither',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...IDENTITY_ROOMS.map(roomArrow),
    {
      name: 'identity-has-rooms',
      comment: 'what is new in identity belongs into one of its rooms',
      severity: 'error',
      from: { path: '^packages/identity/src/' },
      to: { path: '^packages/identity/src/[^/]+/', pathNot: [`^packages/identity/src/(${IDENTITY_ROOMS.join('|')})/`] },
    },
    {
      name: 'no-lost-imports',
      comment: 'an import that resolves to nothing',
      severity: 'error',
      from: { pathNot: ['^apps/web/'] },
      to: { couldNotResolve: true },
    },
    ...Object.entries(arrows).map(([name, allowed]) => arrow(`packages/${name}/`, name, allowed)),
    arrow('temporal/', 'temporal', TEMPORAL_MAY),
    arrow('apps/web/', 'web', WEB_MAY),
    {
      name: 'web-loads-schemas-late',
      comment:
        'pages take types of the contract; its values come by validation.ts, which is loaded when a form is sent and ' +
        'keeps zod from making functions of texts, which the content security policy refuses',
      severity: 'error',
      from: {
        path: '^apps/web/src/',
        pathNot: [TESTS, '^apps/web/src/validation\\.ts$', '^apps/web/src/features/gallery/'],
      },
      to: { path: '^packages/contract/', dependencyTypesNot: ['type-only'] },
    },
    arrow('apps/gateway/', 'gateway', ['.+', 'temporal']),
    arrow('apps/worker/', 'worker', ['.+', 'temporal']),
    {
      name: 'tests-stay-in-tests',
      comment: 'what runs in earnest does not import the testkit, vitest or a test',
      severity: 'error',
      from: { path: '^(packages|apps|temporal)/', pathNot: [TESTS, '^packages/testkit/'] },
      to: { path: ['^packages/testkit/', 'node_modules/vitest/', TESTS] },
    },
    {
      name: 'one-door-to-a-package',
      comment: 'another package is entered by its name, never by a path into its sources',
      severity: 'error',
      from: { path: '^(packages/[^/]+|apps/[^/]+|temporal)/' },
      to: { path: '^(packages|apps|temporal)/', pathNot: ['^$1/'], dependencyTypes: ['local'] },
    },
    {
      name: 'sql-in-queries',
      comment: 'only the database package and *.queries.ts speak SQL',
      severity: 'error',
      from: {
        path: '^(packages|apps|temporal)/',
        pathNot: [TESTS, '^packages/(database|testkit)/', '\\.queries\\.ts$'],
      },
      to: { path: 'node_modules/(kysely|pg)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'cloud-in-adapters',
      comment: 'only adapters and secret backends know a cloud',
      severity: 'error',
      from: {
        path: '^(packages|apps|temporal)/',
        pathNot: [TESTS, '^packages/keys/src/adapters/', '^packages/secrets/src/backends/'],
      },
      to: { path: 'node_modules/(@aws-sdk|node-vault|koffi)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages/[^/]+|apps/[^/]+|temporal)/(dist|coverage)/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
}
