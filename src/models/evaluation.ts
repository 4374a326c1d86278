// The evaluation of a version as the API shows it: what was computed when it was published, with links to its worst rows.
import type { Evaluation, EvaluationReport } from "../contract/evaluation.ts";
import { describeFeatures } from "../datasets/features/encode.ts";
import type { Store } from "../store/database.ts";
import { getEvaluationRow } from "../store/evaluations.ts";
import { getVersionRow } from "../store/models.ts";
import { readRecord } from "./registry.ts";

/** @throws DomainError `not_found` */
export async function describeEvaluation(store: Store, modelName: string, version: number): Promise<Evaluation> {
  const { features } = readRecord(await getVersionRow(store, modelName, version));
  const { dataset_id, report } = await getEvaluationRow(store, modelName, version);
  const media = describeFeatures(features).filter(({ type }) => type === "image" || type === "audio");
  const linksOf = (row: number) => {
    const rows = `/v1/datasets/${dataset_id}/rows`;
    const cells = media.map(({ name }) => [name, `${rows}/${row}/${encodeURIComponent(name)}`]);
    return {
      row: `${rows}?offset=${row - 1}&limit=1`,
      ...(cells.length > 0 && { cells: Object.fromEntries(cells) as Record<string, string> }),
    };
  };
  const stored = JSON.parse(report) as EvaluationReport;
  const worst_rows = stored.worst_rows.map((worst) => ({ ...worst, links: linksOf(worst.row) }));
  return { object: "evaluation", model: modelName, version, ...stored, worst_rows } as Evaluation;
}
