-- What arrived when, and how much of it was accepted?
-- batch_id: ingest batch; of a clean job, the newest batch it took
-- share_set_aside: rows set aside as a share of the rows read

SELECT
    ended_at,
    job,
    coalesce(get_json_object(details, '$.batch'), get_json_object(details, '$.last_batch')) AS batch_id,
    rows_in,
    rows_out,
    rows_quarantined,
    rows_duplicate,
    try_divide(rows_quarantined, rows_in) AS share_set_aside
FROM job_runs
WHERE job IN ('ingest', 'clean') AND status = 'done'
ORDER BY ended_at
