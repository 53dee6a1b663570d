import { secretConformance } from '@gatehouse/testkit/secret-conformance'
import { postgresUnderTest, startNode } from './secrets-system.ts'

secretConformance('postgres', { open: postgresUnderTest, startNode, oneIn: 12 })
