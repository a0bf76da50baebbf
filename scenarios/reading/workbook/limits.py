"""How large a workbook may be. Every limit of the reader stands here, with its reason."""

#: The file. A park of 10,000 units with every column filled takes 3 MB; the rest leaves room for pictures. [bytes]
FILE = 64 * 2**20
#: Members of the archive. A workbook has a handful per sheet, more with pictures.
ENTRIES = 5_000
#: The list of members at the end of the archive: a usual entry takes under 200 bytes. [bytes]
DIRECTORY = 2**20
#: One member when inflated. 3 million cells take some 120 MB of XML. [bytes]
ENTRY = 128 * 2**20
#: All members that are read, when inflated; with the cells they must fit into MEMORY. [bytes]
TOTAL = 192 * 2**20
#: Inflated to packed size of a member above RATIO_FROM: real sheets stay below 60, deflate can reach 1,032.
RATIO = 200
#: Below this size no ratio does harm. [bytes]
RATIO_FROM = 2**20
#: Cells of the rectangle from A1 to the last cell with content, over all sheets: it is held as a dense table.
CELLS = 3_000_000
#: Sheets: there are fewer than 20 tables.
SHEETS = 200
#: Merged ranges, formulas without value and such that are listed of one sheet; beyond it a sheet is no table.
MARKS = 10_000
#: Characters of all cells together; repeated text takes little room in the file and much in memory.
CHARACTERS = 64 * 2**20
#: Address space of the child process, where the system can limit it. [bytes]
MEMORY = 2**30
#: Processor time of the child, and wall time the parent waits for it: the largest workbook allowed takes a third. [s]
SECONDS = 60
