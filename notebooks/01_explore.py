# Databricks notebook source
# MAGIC %md
# MAGIC # Explore the data
# MAGIC
# MAGIC What arrived, what was set aside and why, what is missing, and what the prices look like. Everything is counted
# MAGIC in Spark; only summaries of a fixed size come to the notebook.
# MAGIC
# MAGIC Runs the stages `ingest`, `clean` and `features` first; where they are up to date they change nothing.

# COMMAND ----------

dbutils.widgets.text("dataset", "ames", "Dataset: name or path of a contract")
dbutils.widgets.text("input", "", "New rows; empty: the contract's own")
dbutils.widgets.text("warehouse", "", "Folder of the tables; empty: as in the settings")

# COMMAND ----------

import matplotlib.pyplot as plt
from pyspark.sql import functions as F

from housing_spark import notebooks

with notebooks.open_run(
    dbutils.widgets.get("dataset"), input=dbutils.widgets.get("input"), warehouse=dbutils.widgets.get("warehouse")
) as run:
    display(notebooks.run_stages(run, "ingest", "clean", "features"))

homes = run.warehouse.read("features")
contract = run.contract
spark.sql(f"USE {run.warehouse.database}")

# COMMAND ----------

# MAGIC %md
# MAGIC ## What arrived, and what was set aside

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT * FROM batches_over_time

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT * FROM set_aside_by_reason

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is missing
# MAGIC
# MAGIC Share of homes without a value, per column.

# COMMAND ----------

shares = homes.select(*(F.avg(F.col(name).isNull().cast("double")).alias(name) for name in homes.columns))
missing = shares.toPandas().T.set_axis(["share"], axis=1).query("share > 0").sort_values("share").tail(25)

figure, axes = plt.subplots(figsize=(8, 1 + 0.25 * len(missing)))
axes.barh(missing.index, missing["share"])
axes.set(title="Homes without a value", xlabel="share of homes", xlim=(0, 1))
display(figure)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Prices
# MAGIC
# MAGIC Prices are skewed: a model of the logarithm may fit better, and the search tries both.

# COMMAND ----------

low, high = homes.where("label > 0").agg(F.percentile_approx("label", [0.001, 0.999])).first()[0]
edges = [low * (high / low) ** (bar / 40) for bar in range(41)]
bar_of_home = F.least(F.lit(39), F.floor(40 * F.log(F.col("label") / low) / F.log(F.lit(high / low))))
inside = homes.where(F.col("label").between(low, high))
bars = inside.groupBy(bar_of_home.alias("bar")).count().toPandas()

figure, axes = plt.subplots(figsize=(8, 4))
axes.bar(
    [edges[bar] for bar in bars["bar"]], bars["count"], [edges[b + 1] - edges[b] for b in bars["bar"]], align="edge"
)
axes.set(title="Prices", xlabel=f"{contract.label}, {contract.currency}", ylabel="homes", xscale="log")
display(figure)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Prices over time and by segment

# COMMAND ----------

months = homes.where("label IS NOT NULL").groupBy(F.date_trunc("month", "event_time").alias("month"))
trend = months.agg(F.count("*").alias("sales"), F.percentile_approx("label", 0.5).alias("median_price"))
display(trend.orderBy("month"))

# COMMAND ----------

segments = spark.table("row_segments").join(homes.select("row_key", "label"), on="row_key", how="inner")
by_segment = segments.groupBy("segment_column", "segment").agg(
    F.count("label").alias("sales"), F.percentile_approx("label", [0.25, 0.5, 0.75]).alias("quartiles")
)
shown = by_segment.where("sales > 0").orderBy(F.desc("sales")).limit(30).toPandas()
shown = shown.assign(median=shown["quartiles"].str[1]).sort_values("median")

figure, axes = plt.subplots(figsize=(8, 1 + 0.25 * len(shown)))
axes.barh(
    shown["segment_column"] + ": " + shown["segment"],
    shown["quartiles"].str[2] - shown["quartiles"].str[0],
    left=shown["quartiles"].str[0],
)
axes.plot(shown["median"], shown["segment_column"] + ": " + shown["segment"], "k|")
axes.set(title="Middle half of the prices, and the median", xlabel=contract.currency)
display(figure)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What goes with the price
# MAGIC
# MAGIC Correlation of numbers with the logarithm of the price, over the homes that have both.

# COMMAND ----------

numeric = [name for name, kind in homes.dtypes if kind in ("int", "bigint", "double", "float") and name != "label"]
log_price = F.when(F.col("label") > 0, F.log("label"))
correlations = homes.select(*(F.corr(F.col(name).cast("double"), log_price).alias(name) for name in numeric))
strongest = correlations.toPandas().T.set_axis(["correlation"], axis=1).dropna()
strongest = strongest.sort_values("correlation", key=abs).tail(20)

figure, axes = plt.subplots(figsize=(8, 1 + 0.25 * len(strongest)))
axes.barh(strongest.index, strongest["correlation"])
axes.set(title="Correlation with the logarithm of the price", xlim=(-1, 1))
display(figure)
