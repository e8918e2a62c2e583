-- Which segments does the champion price above or below the other homes, by more than chance?
-- rows: test rows in the segment
-- lean: mean ratio of predicted to true price over that of all other test rows, less 1: 0.05 is 5 % too high
-- lean_chance: probability of so much or more without any lean (Welch, corrected by Holm for the number of segments)
-- is_beyond_chance: whether that is below 5 %

SELECT
    m.model_version,
    m.segment_column,
    m.segment,
    max(m.rows) AS rows,
    max(m.value) FILTER (WHERE m.metric = 'lean') AS lean,
    max(m.value) FILTER (WHERE m.metric = 'lean_chance') AS lean_chance,
    max(m.value) FILTER (WHERE m.metric = 'lean_chance') < 0.05 AS is_beyond_chance
FROM model_metrics AS m
INNER JOIN champion AS c ON c.model_version = m.model_version
WHERE m.split = 'test' AND m.metric IN ('lean', 'lean_chance')
GROUP BY m.model_version, m.segment_column, m.segment
ORDER BY abs(lean) DESC, m.segment
