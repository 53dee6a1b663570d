import { exploreRule, one, twoRoles } from '../test/model.ts'

exploreRule({ name: 'absent', rule: null, roles: twoRoles, lets: 'nothing' })
exploreRule({ name: 'of nobody', rule: { people: 0, roles: ['Admin'] }, roles: twoRoles, lets: 'nothing' })
exploreRule({ name: 'of one', rule: one('Admin'), roles: twoRoles, lets: 'nothing' })
exploreRule({ name: 'of two', rule: { people: 2, roles: ['Admin', 'Operator'] }, roles: twoRoles, lets: 'all' })
