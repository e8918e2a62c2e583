-- Which jobs run, how long do they take, and which fail?
-- runs: runs of the job
-- done: runs that wrote something
-- already_applied: runs that had nothing new to do
-- failed: runs that failed
-- median_seconds: median wall time of the runs that wrote something, seconds
-- last_ended_at: when the last run ended, UTC
-- last_error: line of the last failure; null: none failed

SELECT
    job,
    count(*) AS runs,
    count_if(status = 'done') AS done,
    count_if(status = 'already applied') AS already_applied,
    count_if(status = 'failed') AS failed,
    percentile_approx(timestampdiff(MILLISECOND, started_at, ended_at) / 1000, 0.5)
        FILTER (WHERE status = 'done') AS median_seconds,
    max(ended_at) AS last_ended_at,
    max_by(error, ended_at) FILTER (WHERE status = 'failed') AS last_error
FROM job_runs
GROUP BY job
ORDER BY max(started_at)
