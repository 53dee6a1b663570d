import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Files of a certificate and its key. */
export interface Pair {
  readonly certificate: string
  readonly key: string
}

/** Makes a certificate for localhost that vouches for itself, over the files of an older one where they are there. */
export async function makePair(directory: string): Promise<Pair> {
  const [certificate, key] = [join(directory, 'server.crt'), join(directory, 'server.key')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate])
  return { certificate, key }
}

/** Another gateway of a running system, which speaks TLS. */
export const startTlsGateway = (env: NodeJS.ProcessEnv, pair: Pair, port: number): ChildProcess =>
  spawn(process.execPath, ['scripts/gateway.mjs'], {
    cwd: root,
    env: {
      ...env,
      GATEHOUSE_PORT: String(port),
      GATEHOUSE_TLS_CERTIFICATE: pair.certificate,
      GATEHOUSE_TLS_KEY: pair.key,
    },
    stdio: ['pipe', 'ignore', 'ignore'],
  })

/** The fingerprint of the certificate that is served now; null: nobody serves. */
export const servedFingerprint = (port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost', servername: 'localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.end()
    })
    socket.once('error', () => resolve(null))
  })

/** What is answered over TLS to who trusts the pair's certificate and nothing else; null: nobody answers. */
export const readOverTls = (pair: Pair, url: string): Promise<{ status: number; body: string } | null> =>
  new Promise((resolve) => {
    const asked = request(url, { ca: readFileSync(pair.certificate) }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    asked.once('error', () => resolve(null))
    asked.end()
  })

const bin = join(root, 'packages', 'cli', 'bin', 'gatehouse.js')

/** Runs the command line against a server that the pair's certificate vouches for. */
export const gatehouseOverTls = (
  words: readonly string[],
  given: { readonly url: string; readonly pair: Pair; readonly home: string; readonly stdin?: string },
): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      GATEHOUSE_URL: given.url,
      GATEHOUSE_CA: given.pair.certificate,
      GATEHOUSE_CONFIG_HOME: given.home,
      GATEHOUSE_TOKEN_STORE: 'file',
    }
    const child = execFile(process.execPath, [bin, ...words], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
    child.stdin?.end(given.stdin ?? '')
  })
