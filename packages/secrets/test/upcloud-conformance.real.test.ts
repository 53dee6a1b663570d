import { secretConformance } from '@gatehouse/testkit/secret-conformance'
import { startNode } from './secrets-system.ts'
import { upcloudUnderTest } from './upcloud-system.ts'

secretConformance('upcloud', { open: upcloudUnderTest, startNode, renews: false, oneIn: 4 })
