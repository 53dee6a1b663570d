import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as tls from 'node:tls'
import { whyUnread } from '@gatehouse/kit'
import { localError } from './cli-error.ts'
import type { CliConfig } from './config.ts'

/** Trusts the certificates of `GATEHOUSE_CA` beside those that Node trusts, for all connections of this process. */
export const trustCa = async ({ ca, cwd }: Pick<CliConfig, 'ca' | 'cwd'>): Promise<void> => {
  if (ca === null) return
  const path = resolve(cwd, ca)
  const pem = await readFile(path, 'utf8').catch((cause: Error) => {
    throw localError(`GATEHOUSE_CA: cannot read ${path}: ${whyUnread(cause)}`, { cause })
  })
  // since Node 24.5 and 22.19; the packed program runs on older ones, too
  if (!('setDefaultCACertificates' in tls))
    throw localError(`GATEHOUSE_CA: Node ${process.versions.node} takes no certificates at run time`, {
      hint: `NODE_EXTRA_CA_CERTS=${path} does the same`,
    })
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new TypeError('there is none in it')
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), pem])
  } catch (cause) {
    throw localError(`GATEHOUSE_CA: ${path} has no certificates in PEM form`, { cause })
  }
}
