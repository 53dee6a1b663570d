import { secretConformance } from '@gatehouse/testkit/secret-conformance'
import { startNode } from './secrets-system.ts'
import { vaultUnderTest } from './vault-system.ts'

secretConformance('vault', { open: vaultUnderTest, startNode, renews: true, oneIn: 4 })
