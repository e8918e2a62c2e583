-- What made this price?
-- run_rows: predictions that the scoring run wrote
-- run_content_hash: order-free hash of the rows that the scoring run priced
-- study: the search that made the model
-- estimator: estimator that won the search
-- parameters: parameters of the winning trial, JSON
-- batch_id: ingest batch of the row; null where its content has changed since
-- source_row_hash: hash of the row's text in raw; null where its content has changed since

SELECT
    p.*,
    r.artifact_sha256,
    r.mlflow_run_id,
    r.input_table,
    r.input_version,
    r.rows AS run_rows,
    r.content_hash AS run_content_hash,
    r.contract_hash,
    r.git_commit,
    r.is_dirty,
    r.packages,
    r.interval_level,
    r.engine,
    m.study,
    m.estimator,
    m.parameters,
    c.batch_id,
    c.source_row_hash
FROM predictions AS p
INNER JOIN scoring_runs AS r ON r.scoring_run_id = p.scoring_run_id
LEFT JOIN model_versions AS m ON m.model_version = p.model_version
LEFT JOIN clean AS c ON c.row_key = p.row_key AND c.content_hash = p.content_hash
