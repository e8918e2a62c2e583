-- Which version of the model is champion, by the gate's record?
-- model_version: registered version of the model
-- champion_since: when the gate, or a rollback, made it champion, UTC

WITH verdicts AS (
    SELECT model_name, candidate_version, decided_at, bool_and(passed) AS is_promoted
    FROM promotion_decisions
    GROUP BY model_name, candidate_version, decided_at
)

SELECT model_name, candidate_version AS model_version, decided_at AS champion_since
FROM verdicts
WHERE is_promoted
ORDER BY decided_at DESC
LIMIT 1
