import { describe, expect, test } from 'vitest'
import { bundleSigner, checkBundle, makeBundleKey, manifestFile, signBundle, type BundleSigner } from './bundle.ts'

const signerNamed = (name: string): BundleSigner => {
  const signer = bundleSigner(makeBundleKey(), name)
  if (signer === null) throw new TypeError('a key that was just made is one')
  return signer
}
const [ops, other] = [signerNamed('ops'), signerNamed('other')]
const at = new Date('2026-11-23T10:00:00.000Z')
const files = [
  { file: 'schema/entities.cedarschema', text: 'entity User;' },
  { file: 'admin/roles.cedar', text: 'permit (principal, action, resource);' },
]
const bundleBy = (signer: BundleSigner, of = files) => [
  ...files,
  { file: manifestFile, text: signBundle(of, at, signer) },
]
const problemsOf = (given: Parameters<typeof checkBundle>[0]) => {
  const found = checkBundle(given, [ops.verifier])
  return 'problems' in found ? found.problems.map(({ file, message }) => `${file}: ${message}`) : []
}
/** The bundle with its manifest changed. */
const reworded = (change: (note: string) => string) =>
  bundleBy(ops).map((one) => (one.file === manifestFile ? { ...one, text: change(one.text) } : one))

test('what was signed is taken, whoever lays it down, and says by whom and when', () => {
  expect(checkBundle(bundleBy(ops), [other.verifier, ops.verifier])).toEqual({ signedBy: 'ops', signedAt: at })
  expect(checkBundle(bundleBy(ops).toReversed(), [ops.verifier])).toEqual({ signedBy: 'ops', signedAt: at })
})

describe('what is wrong is named by its file', () => {
  test.each([
    [
      'a changed file',
      bundleBy(ops).with(1, { file: 'admin/roles.cedar', text: 'forbid' }),
      'admin/roles.cedar: was changed',
    ],
    ['a missing file', bundleBy(ops).slice(1), 'schema/entities.cedarschema: was signed and is not here'],
    ['a file more', [...bundleBy(ops), { file: 'x.cedar', text: '' }], 'x.cedar: is here and was not signed'],
    ['no manifest', files, 'policies.manifest: is not there'],
    ["another key's signature", bundleBy(other), 'policies.manifest: is signed by `other`'],
    ['another key of the same name', bundleBy(signerNamed('ops')), 'policies.manifest: is signed by `ops`, by none'],
    ['a later date', reworded((note) => note.replace('at 2026', 'at 2027')), 'policies.manifest: was changed after'],
    ['a line more', reworded((note) => note.replace('\n\n', `\n${'0'.repeat(64)} z.cedar\n\n`)), 'was changed after'],
    ['no title', reworded((note) => note.replace('policy bundle', 'audit export')), 'is no manifest'],
  ])('%s', (_, given, told) => {
    expect(problemsOf(given).join('\n')).toContain(told)
  })

  test('names out of order, twice, or over several lines make no manifest, also when they are signed', () => {
    const odd = (names: readonly string[]) =>
      problemsOf([
        ...files,
        {
          file: manifestFile,
          text: signBundle(
            names.map((file) => ({ file, text: '' })),
            at,
            ops,
          ),
        },
      ])
    expect(odd(['a.cedar', 'a.cedar'])).toEqual([expect.stringContaining('is no manifest')])
    expect(odd(['a\nb.cedar'])).toEqual([expect.stringContaining('is no manifest')])
    // a name that leads elsewhere is only a name: it is compared, and nothing is ever written by it
    expect(odd(['../../etc/passwd'])).toContainEqual('../../etc/passwd: was signed and is not here')
  })

  test.each(['', '\n\n', 'x'.repeat(300_000), '— ops AAAA\n', `gatehouse policy bundle v1\nat never\n\n— ops AAAA\n`])(
    'text that is no manifest: %j',
    (text) => {
      expect(problemsOf([...files, { file: manifestFile, text }])).toEqual([expect.stringContaining('is no manifest')])
    },
  )
})

test('only an Ed25519 key signs, under a name of one word', () => {
  expect(bundleSigner('-----BEGIN PRIVATE KEY-----', 'ops')).toBeNull()
  expect(bundleSigner(makeBundleKey(), 'two words')).toBeNull()
  expect(bundleSigner(makeBundleKey(), 'a+b')).toBeNull()
})
