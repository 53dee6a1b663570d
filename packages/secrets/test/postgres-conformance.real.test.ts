import { secretConformance } from '@gatehouse/testkit/secret-conformance'
import { postgresUnderTest, startNode } from './secrets-system.ts'

secretConformance('postgres', { open: postgresUnderTest, startNode, renews: true, oneIn: 12 })
