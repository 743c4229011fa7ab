/** Who may import whom: docs/concepts.md tells why, this file makes it true. */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'engine-knows-nothing-outside',
      comment:
        'The engine runs in the deterministic sandbox: @temporalio/workflow, its common types and zod only.',
      severity: 'error',
      from: { path: '^workflows/engine/', pathNot: '[.]test[.]ts$' },
      to: {
        pathNot: '^workflows/engine/|node_modules/(@temporalio/(workflow|common)|zod)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'procedures-are-islands',
      comment:
        'Beside zod only arithmetic without side effects: geometry for facts that are evaluated outside the sandbox.',
      severity: 'error',
      from: { path: '^workflows/(?!engine/|jobs/)([^/]+)/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: '^workflows/(engine|forms|$1)/|node_modules/(zod|@turf)/' },
    },
    {
      name: 'engine-names-no-procedure',
      severity: 'error',
      from: { path: '^workflows/engine/' },
      to: { path: '^workflows/(?!engine/)', pathNot: '^workflows/engine/' },
    },
    {
      name: 'activities-know-no-workflow',
      comment: 'Only the pure legal clock and the list of states are shared with the engine.',
      severity: 'error',
      from: { path: '^activities/', pathNot: '[.]test[.]ts$' },
      to: {
        path: '^(workflows|api|pages|relay|embedded)/',
        pathNot: '^workflows/engine/(legal-clock[a-z-]*|clock-account|states)[.]ts$',
      },
    },
    {
      name: 'api-and-pages-call-no-activity',
      comment: 'The one connector of theirs fills in what the resident registry knows; it is no activity.',
      severity: 'error',
      from: { path: '^(api|pages)/', pathNot: '[.]test[.]ts$|^api/residents[.]ts$' },
      to: { path: '^(activities|relay|embedded|worker)' },
    },
    {
      name: 'api-knows-no-page',
      severity: 'error',
      from: { path: '^api/', pathNot: '[.]test[.]ts$|^api/app[.]ts$' },
      to: { path: '^pages/' },
    },
    {
      name: 'records-know-nobody',
      severity: 'error',
      from: { path: '^records/', pathNot: '[.]test[.]ts$' },
      to: { path: '^(activities|api|pages|workflows|relay|embedded|codec)/' },
    },
    {
      name: 'messaging-knows-nobody',
      severity: 'error',
      from: { path: '^messaging/', pathNot: '[.]test[.]ts$' },
      to: { path: '^(activities|api|pages|records|workflows|relay|embedded|codec)/' },
    },
    {
      name: 'fhir-knows-nobody',
      comment:
        'What a resource is, says and must be is told without a database; what registries tell comes as types.',
      severity: 'error',
      from: { path: '^fhir/', pathNot: '[.]test[.]ts$' },
      to: {
        path: '^(activities|api|pages|records|workflows|relay|embedded|codec|messaging)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'migrations-import-nothing',
      severity: 'error',
      from: { path: '^migrations/[0-9]' },
      to: { pathNot: 'node_modules/knex/' },
    },
    {
      name: 'production-knows-no-embedded',
      severity: 'error',
      from: {
        path: '^(activities|api|pages|records|relay|messaging|codec|workflows|worker)',
        pathNot: '[.]test[.]ts$',
      },
      to: { path: '^(embedded|testing|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|[.]data|[.]cache|templates|samples|docs)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
