/** Words of which there is no picture among emoji: abstract ones. What the coefficients are fitted on: */
export const FIT_WORDS =
  `bureaucracy; democracy; nostalgia; hypothesis; sovereignty; metabolism; ambiguity; jurisdiction; paradigm; entropy;
  ethics; ideology; privatisation; recursion; etymology; ontology; solidarity; bankruptcy; legislation; amortisation;
  correlation; integrity; monopoly; productivity; theology; urbanisation; verb; adjective; capitalism; feudalism;
  Demokratie; Gerechtigkeit; Hypothese; Wahrscheinlichkeit; Gesetzgebung; démocratie; hypothèse; législation; éthique;
  démographie; 民主; 假设; 立法; 伦理; демократия; гипотеза; законодательство; этика; soberania; hipótese`
    .split(';')
    .map((word) => word.trim());

/** One hundred others, for the test. */
export const NO_PICTURE_WORDS =
  `inflation; mathematics; philosophy; grammar; tax reform; gross domestic product; photosynthesis; globalisation;
  inheritance law; statistics; algebra; metaphysics; constitution; diplomacy; epistemology; liberalism; socialism;
  interest rate; mortgage; unemployment; demography; bibliography; hyperbole; syntax; semantics; logarithm; derivative;
  integral calculus; probability theory; quantum mechanics; relativity; thermodynamics; osmosis; evolution; genetics;
  antitrust; copyright; patent law; insolvency; arbitration; negligence; subsidy; tariff; deflation; recession;
  liquidity; supply chain; logistics; procurement; compliance; governance; accountability; transparency; efficiency;
  sustainability; biodiversity; colonialism; imperialism; secularism; pluralism; federalism; referendum; suffrage;
  ratification; amendment; plagiarism; censorship; propaganda; rhetoric; irony; allegory; prose; dialectic; empiricism;
  rationalism; nihilism; stoicism; determinism; causality; induction; deduction; axiom; theorem; algorithm; abstraction;
  polymorphism; compiler optimisation; latency; throughput; bandwidth allocation; middle ages; industrial revolution;
  cold war; renaissance; reformation; Inflation; Mathematik; Philosophie; mathématiques; filosofía; 通货膨胀`
    .split(';')
    .map((word) => word.trim());
