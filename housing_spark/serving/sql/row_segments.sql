-- Which segments does each home belong to?
-- segment_column: column of the segment; 'all' for every home
-- segment: value of the segment; 'all' for every home

SELECT row_key, segment_column, segment
FROM features
LATERAL VIEW inline(array(
    struct('all' AS segment_column, 'all' AS segment)
    /* the contract's segments */
)) AS segment_column, segment
