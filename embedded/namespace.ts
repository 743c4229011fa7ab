import { isGrpcServiceError, type Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { LaunchError, reasonOf } from './trouble.ts';
import { until } from './waiting.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** What an administrator may search cases by in Temporal; no personal data. */
const searchAttributes = {
  ProcedureCode: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  CaseCode: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  Agency: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  CaseState: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DueDate: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
};

/** Closed cases stay in the administrator's view for a year; a development server alone would forget them after a day. */
const retentionSeconds = 8760 * 3600;

const visibleWithin = 30_000;

const grpc = { notFound: 5, alreadyExists: 6 };

/**
 * Prepares a namespace for cases, on the embedded server as on an organisation's own: it exists, it keeps closed
 * runs for at least a year, and the search attributes are registered. Safe to repeat.
 *
 * @throws LaunchError in one line, for example when this client may not administer the namespace
 */
export async function prepareNamespace(connection: Connection, namespace: string): Promise<void> {
  try {
    await keepClosedRuns(connection, namespace);
    await registerSearchAttributes(connection, namespace);
  } catch (error) {
    throw new LaunchError(
      `Temporal namespace ${namespace} cannot be prepared (${reasonOf(error)}); ` +
        'let its administrator register the search attributes and a retention of 8760h',
    );
  }
}

async function keepClosedRuns({ workflowService }: Connection, namespace: string): Promise<void> {
  const retention = proto.google.protobuf.Duration.fromObject({ seconds: retentionSeconds });
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    const present = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    if (present >= retentionSeconds) return;
    await workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: retention },
    });
  } catch (error) {
    if (!failedWith(error, grpc.notFound)) throw error;
    await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
  }
}

async function registerSearchAttributes({ operatorService }: Connection, namespace: string): Promise<void> {
  const missing = async () => {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return Object.entries(searchAttributes).filter(([name]) => !(name in (customAttributes ?? {})));
  };
  // A server reads its list of namespaces again every ten seconds; until then a new one is not found.
  const lacking = await until(
    () =>
      missing().catch((error: unknown) =>
        failedWith(error, grpc.notFound) ? undefined : Promise.reject(error as Error),
      ),
    visibleWithin,
    200,
  );
  if (lacking?.length === 0) return;
  await operatorService
    .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(lacking ?? []) })
    .catch((error: unknown) => {
      if (!failedWith(error, grpc.alreadyExists)) throw error;
    });
  const visible = await until(async () => (await missing()).length === 0, visibleWithin, 100);
  if (!visible) throw new Error('the search attributes do not become visible');
}

function failedWith(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && Number(error.code) === code;
}
