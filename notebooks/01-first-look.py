# %% [markdown]
# # A first look
#
# Two of the bundled interviews, a codebook, and the way from one to the other: read, search, code, count, look.
# The interviews are invented; nobody was interviewed.

# %%
import qualcode as qc
from qualcode.resources import corpora_dir

study = corpora_dir() / "hope-challenge"

# %% [markdown]
# ## Read
# Plain text and a Word document. Speakers, roles and turns are found; what was guessed is said.

# %%
documents = qc.read(
    [
        study / "transcripts" / "01-lowfold-primary-head.txt",
        study / "transcripts" / "02-st-bride-primary-deputy.docx",
    ],
    attributes=study / "schools.csv",
)
documents

# %%
for document in documents:
    for warning in document.warnings:
        print(f"{document.name}: {warning.message}")

# %% [markdown]
# ## Search
# One word in any inflection, an exact phrase, two words near one another; `speaker:participant` leaves the questions out.

# %%
qc.search(documents, '(staff | teacher) NEAR/6 (keen | convinced | sceptical | tired) | "on board"')

# %%
hits = qc.search(documents, "cluster AND speaker:participant")
print(hits.summary)
hits.by("ofsted_grade")

# %% [markdown]
# ## Code
# Every coding says which rule made it and which words matched. The machine proposes; nothing here is validated yet.

# %%
book = qc.codebook("hope-merged")
result = qc.code(documents, book)
result

# %%
coding = result[0]
print(coding.code, coding.label)
print(coding.document, coding.speaker, coding.span)
print("words:", coding.evidence)
print("rule:", coding.rule)

# %% [markdown]
# `to_pandas()` gives what `codings.csv` holds, cell for cell.

# %%
frame = result.to_pandas()
frame[["document", "code", "label", "stance", "rule", "evidence"]].head()

# %% [markdown]
# ## Count
# Split by any attribute of the schools; every group has its own denominator.

# %%
result.themes(by="ofsted_grade").filter(lambda row: row["codings"] > 0)

# %%
result.matrix()

# %% [markdown]
# ## Look
# The transcript with its coded passages marked; hold the pointer over one to see why.

# %%
result.highlight("02-st-bride-primary-deputy.docx")

# %%
from IPython.display import SVG

from qualcode.viz import theme_by_interview, to_svg

SVG(to_svg(theme_by_interview(result.study)))
