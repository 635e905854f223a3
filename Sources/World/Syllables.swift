/// How names of each kind sound. Syllables are few, so that a small vocabulary of tokens holds them.
extension NameManner {
  static let feminine = NameManner("Mi Sa Le Do Va Ti Ri Ha Pe", "lo vi ra ne du", "ne ma ra the lisse")
  static let masculine = NameManner("Or To Be Ka Du Ga Ro Ha Fe Lo", "mar den bor gan dak wick gor brin")
  static let family = NameManner(
    """
    Tal Sel Bram Hol Mer Dor Quin Fal Gar Lun Pel Rad Sten Ul Wen Yar Kest Orm Thal Vosk Jenn Crav Ist Nev Obr Zand
    Dunt Pash Lorb Hesk Fimm Kolt
    """, "a o e i u",
    "vek low mond rick dan ster gar bin lock nell chay sby tham well pole nish gate dorf mack quist tree fax")
  static let town = NameManner(
    "Dor Tal Bel Ash Mor Kes Win Hal Ped Sur Lan Ost Rav Nor Gil Fen Thur Klim", "a e i o",
    "vale mouth stead wick port ford ham bridge")
  static let river = NameManner("Ori Sil Ven Tam Lue Cal Nad Esk Wey Mor", "la na ra va sa da", "n th r")
  static let island = NameManner("Ka Tu Mo Ve Ni Sho Hu", "ra lo mi ne su", "moa land ney ru dova")
  static let animal = NameManner(
    "tar dor bil mur quol snib lep grun fal wom zir pog hal ket yub nar sil frem gim vost jad mip", "a i e u o",
    "vel bin lit nock rill mot pard dle cat tang")
  static let plant = NameManner(
    "fen sor mal wil tin bram cor pel yar hum lav dusk rosk quil bet nim ost", "a e o i",
    "wort leaf bell root bush moss weed fern thorn")
  static let material = NameManner(
    "dal mer tor kel brus sam vol gral nen pir zol hev fost jil", "a i o e", "nite rum dine mel stone vane tin")
  static let instrument = NameManner(
    "lir vam dul trof sif pan cor zim bel gom", "a o i e u", "dour lin na horn phon tar kin")
  static let tool = NameManner("gra cli sno plu tre hu ve dro ske", "mp nd ck bb rt st", "er le ow et")
  static let style = NameManner(
    "bel dor tam rus vin hol car pim lod mar ses gan jur fip ner wes yol tib kam pos dif hul", "i e o a u",
    "let rin dish lan min dock per sol wen fet")

  /// What the syllables could make and what exists.
  static let existing = """
    Gavin Tomar Torgor Roden Robor Logan Fergan Kagan Hagan Haden Tobor Bergan Roland Mirane Savira Valora Dorane
    Harane Tamara Tamar Norwich Norwood Holland Merrick Selborne Garrick Halifax Fallow Wendell Yarrow Fenwick Talbot
    Sterrick Clicker Plunder Hustle Grabber Trestle Vender Grander Snicker Skeptic Cluster Plucker
    """.split(whereSeparator: \.isWhitespace).map(String.init)
}
